import { describe, expect, it } from 'vitest';
import { captured, hex } from './captured.ts';
import { openRig, terms } from './rig.ts';

const READ = '01 01 00 00 00 08 3D CC';
const ON_1 = '01 05 00 00 FF 00 8C 3A';
const OFF_1 = '01 05 00 00 00 00 CD CA';

describe('an adapter that echoes', () => {
  it('is learnt by the first read of a port', async () => {
    const { line } = await openRig({ echoes: true });
    expect(line.echo).toBe('on');
  });

  it('does not answer for a deaf board', async () => {
    const { clock, driver, board } = await openRig({ echoes: true });
    board.faults.push({ kind: 'deaf' });
    await expect(clock.settled(driver.setCoil(1, true, terms('on')))).rejects.toMatchObject({ code: 'timeout' });
  });

  it('does not hide the answer of the board', async () => {
    const { clock, driver, board } = await openRig({ echoes: true });
    await clock.settled(driver.setCoil(1, true, terms('on')));
    await clock.settled(driver.allOff?.(terms('off')) ?? Promise.reject(new Error('no allOff')));
    expect(board.coils[0]).toBe(false);
  });

  it('nothing that came ahead of the echo is the reply', async () => {
    const { clock, driver, board } = await openRig({ echoes: true });
    board.coils[0] = true;
    const reading = driver.readCoils(terms('read'));
    await clock.advance(1);
    board.say(hex('01 01 01 00 51 88'));
    expect((await clock.settled(reading))[0]).toBe(true);
  });
});

describe('a port whose echo is not known', () => {
  it('is probed before the first order, in its place and with its priority', async () => {
    const { clock, driver, board } = await openRig({ hasRead: false, echoes: true });
    board.faults.push({ kind: 'ahead', bytes: new Uint8Array(0) }, { kind: 'deaf' });
    await expect(clock.settled(driver.setCoil(1, true, terms('on')))).rejects.toMatchObject({ code: 'timeout' });
    expect(board.frames).toEqual([READ, ON_1]);
  });

  it('without echo, one probe is enough for all that follow', async () => {
    const { clock, driver, board, line } = await openRig({ hasRead: false });
    await clock.settled(Promise.all([driver.setCoil(1, true, terms('on')), driver.setCoil(1, false, terms('off'))]));
    expect(board.frames).toEqual([READ, OFF_1, ON_1]);
    expect(line.echo).toBe('off');
  });

  it('an OFF that comes during the probe of an ON leaves first', async () => {
    const { clock, driver, board } = await openRig({ hasRead: false });
    const on = driver.setCoil(1, true, terms('on'));
    await clock.advance(5);
    const off = driver.setCoil(1, false, terms('off'));
    await clock.settled(Promise.all([on, off]));
    expect(board.frames).toEqual([READ, OFF_1, ON_1]);
  });

  it('an ON is not sent where the probe has no answer', async () => {
    const { clock, driver, board } = await openRig({ hasRead: false });
    board.faults.push({ kind: 'lost' });
    await expect(clock.settled(driver.setCoil(1, true, terms('on')))).rejects.toMatchObject({ code: 'timeout' });
    expect(board.frames).toEqual([READ]);
  });

  it('an OFF is sent even so, and not believed: one copy may be the echo', async () => {
    const { clock, driver, board } = await openRig({ hasRead: false });
    board.coils[0] = true;
    board.faults.push({ kind: 'lost' });
    await expect(clock.settled(driver.setCoil(1, false, terms('off')))).rejects.toMatchObject({ code: 'timeout' });
    expect(board.frames).toEqual([READ, OFF_1]);
    expect(board.coils[0]).toBe(false);
  });

  it('an answer that comes twice teaches nothing about the echo', async () => {
    const { clock, driver, board, line } = await openRig({ hasRead: false });
    board.faults.push({ kind: 'lost' }, { kind: 'ahead', bytes: hex(OFF_1) });
    await clock.settled(driver.setCoil(1, false, terms('off')));
    expect(line.echo).toBe('unknown');
  });

  it('the order of waiting orders survives the probe of the first', async () => {
    const { clock, driver, board } = await openRig({ hasRead: false });
    await clock.settled(Promise.all([driver.setCoil(1, true, terms('on')), driver.setCoil(6, true, terms('on'))]));
    expect(board.frames).toEqual([READ, ON_1, '01 05 00 05 FF 00 9C 3B']);
  });

  it('allOff needs no probe: its reply differs from its request', async () => {
    const { clock, driver, board } = await openRig({ hasRead: false, echoes: true });
    await clock.settled(driver.allOff?.(terms('off')) ?? Promise.reject(new Error('no allOff')));
    expect(board.frames).toEqual(['01 0F 00 00 00 08 01 00 FE 95']);
  });

  it('the order is asked for again after the probe', async () => {
    const { clock, driver, board } = await openRig({ hasRead: false });
    let isValid = true;
    const on = driver.setCoil(1, true, terms('on', { stillValid: () => isValid }));
    await clock.advance(5);
    isValid = false;
    await expect(clock.settled(on)).rejects.toMatchObject({ code: 'not_valid' });
    expect(board.frames).toEqual([READ]);
  });

  it('is unknown again on every fresh port', async () => {
    const { clock, board, line } = await openRig();
    expect(line.echo).toBe('off');
    board.unplug();
    board.isReachable = true;
    await clock.settle();
    await clock.until(() => line.isOpen);
    expect(line.echo).toBe('unknown');
  });

  it('stays unknown where something came ahead of the reply that may have been an echo', async () => {
    const { clock, driver, board, line } = await openRig({ hasRead: false });
    board.faults.push({ kind: 'ahead', bytes: hex('01 01 00 00') });
    await clock.settled(driver.readCoils(terms('read')));
    expect(line.echo).toBe('unknown');
  });

  it('is learnt through the noise of a turned-around line', async () => {
    const { clock, driver, board, line } = await openRig({ hasRead: false });
    board.faults.push({ kind: 'ahead', bytes: hex('00 FE') });
    await clock.settled(driver.readCoils(terms('read')));
    expect(line.echo).toBe('off');
  });
});

describe('the banner of a board that gets power', () => {
  const [banner, , spoiled] = captured('lctech-power-up-banner.real').map((frame) => frame.bytes);
  if (!banner || !spoiled) throw new Error('the banner capture is not whole');

  it('ahead of a reply is slid over', async () => {
    const { clock, driver, board } = await openRig({ unit: 255, settings: { unit: 255 } });
    board.coils[2] = true;
    board.faults.push({ kind: 'ahead', bytes: banner });
    expect((await clock.settled(driver.readCoils(terms('read'))))[2]).toBe(true);
  });

  it('in the middle of an echo spoils the exchange (recorded), and the next one works', async () => {
    const { clock, driver, board } = await openRig({ unit: 255, settings: { unit: 255 } });
    board.faults.push({ kind: 'instead', bytes: spoiled });
    await expect(clock.settled(driver.setCoil(1, true, terms('on')))).rejects.toMatchObject({ code: 'timeout' });
    await clock.settled(driver.setCoil(1, true, terms('on')));
  });
});
