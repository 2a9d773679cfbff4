import { describe, expect, it } from 'vitest';
import { openRig, terms } from './rig.ts';

const READ = '01 01 00 00 00 08 3D CC';
const ON_1 = '01 05 00 00 FF 00 8C 3A';
const OFF_1 = '01 05 00 00 00 00 CD CA';
const ON_6 = '01 05 00 05 FF 00 9C 3B';

describe('one exchange at a time', () => {
  it('reads, switches and reads back', async () => {
    const { clock, driver, board } = await openRig();
    await clock.settled(driver.setCoil(6, true, terms('on')));
    expect(await clock.settled(driver.readCoils(terms('read')))).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
      false,
      false,
    ]);
    expect(board.frames).toEqual([ON_6, READ]);
  });

  it('OFF overtakes ON, both overtake reading, and within one priority the first comes first', async () => {
    const { clock, driver, board } = await openRig();
    const order: string[] = [];
    const note = (name: string) => () => order.push(name);
    const all = [
      driver.readCoils(terms('read')).then(note('read')),
      driver.setCoil(6, true, terms('on')).then(note('on 6')),
      driver.setCoil(1, true, terms('on')).then(note('on 1')),
      driver.setCoil(2, false, terms('off')).then(note('off 2')),
    ];
    await clock.settled(Promise.all(all));
    expect(order).toEqual(['off 2', 'on 6', 'on 1', 'read']);
    expect(board.frames.length).toBe(4);
  });

  it('an OFF that comes while another exchange is under way is the next one', async () => {
    const { clock, driver, board } = await openRig();
    const all = [driver.readCoils(terms('read')), driver.setCoil(1, true, terms('on'))];
    await clock.advance(5);
    all.push(driver.setCoil(1, false, terms('off')));
    await clock.settled(Promise.all<unknown>(all));
    expect(board.frames).toEqual([ON_1, OFF_1, READ]);
  });

  it('an OFF that comes during the silence between frames is the next one', async () => {
    const { clock, driver, board } = await openRig();
    const first = clock.settled(driver.setCoil(6, true, terms('on')));
    const second = driver.setCoil(1, true, terms('on'));
    await first;
    expect(board.frames).toEqual([ON_6]);
    const off = driver.setCoil(1, false, terms('off'));
    await clock.settled(Promise.all([second, off]));
    expect(board.frames).toEqual([ON_6, OFF_1, ON_1]);
  });

  it('keeps 3.5 characters of silence after a frame, also after one that nobody asked for', async () => {
    const { clock, driver, board } = await openRig();
    await clock.advance(1000);
    board.say(Uint8Array.of(1, 2, 3));
    await clock.settle();
    const reading = driver.readCoils(terms('read'));
    await clock.advance(3.6);
    expect(board.frames).toEqual([]);
    await clock.advance(0.1);
    expect(board.frames).toEqual([READ]);
    await clock.settled(reading);
  });

  it('a line that babbles without end does not keep an OFF for ever', async () => {
    const { clock, driver, board } = await openRig();
    const babble = (): void => {
      board.say(Uint8Array.of(0x55));
      clock.after(2, babble);
    };
    babble();
    await clock.settle();
    const off = driver.setCoil(1, false, terms('off'));
    await clock.settled(off, 1000);
    expect(board.frames).toEqual([OFF_1]);
  });
});

describe('the terms of an exchange', () => {
  it('asks stillValid() when the bytes leave, not before, and says so when nothing was sent', async () => {
    const { clock, driver, board } = await openRig();
    let isValid = true;
    const reading = driver.readCoils(terms('read'));
    await clock.advance(1);
    const superseded = driver.setCoil(1, true, terms('on', { stillValid: () => isValid }));
    isValid = false;
    await expect(clock.settled(superseded)).rejects.toMatchObject({ code: 'not_valid' });
    await clock.settled(reading);
    expect(board.frames).toEqual([READ]);
  });

  it('stillValid(), started() and the first byte come in that order, once each and in one go', async () => {
    const { clock, driver, board } = await openRig();
    const steps: string[] = [];
    const note = (name: string) => () => {
      steps.push(`${name} after ${board.frames.length} frames`);
      // What would run if anything yielded between the steps.
      queueMicrotask(() => steps.push('yielded'));
      return true;
    };
    await clock.settled(driver.setCoil(1, true, terms('on', { stillValid: note('asked'), started: note('started') })));
    expect(steps.slice(0, 2)).toEqual(['asked after 0 frames', 'started after 0 frames']);
    expect(steps.filter((step) => step !== 'yielded')).toHaveLength(2);
  });

  it('terms that throw reject their own exchange and nothing else', async () => {
    const { clock, driver } = await openRig();
    const bad = driver.setCoil(
      1,
      true,
      terms('on', {
        stillValid: () => {
          throw new Error('broken terms');
        },
      }),
    );
    const good = driver.readCoils(terms('read'));
    await expect(clock.settled(bad)).rejects.toThrow('broken terms');
    expect(await clock.settled(good)).toHaveLength(8);
  });

  it('refuses reads beyond its bound, and never an OFF', async () => {
    const { clock, driver, line } = await openRig();
    const many = Array.from({ length: 400 }, () => driver.readCoils(terms('read')));
    const offs = Array.from({ length: 400 }, () => driver.setCoil(1, false, terms('off')));
    const outcomes = clock.settled(Promise.allSettled([...many, ...offs]), 100_000);
    const refused = (await outcomes).filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(400 - 256);
    expect(line.isOpen).toBe(true);
  });
});

describe('answers that are no answers', () => {
  it('a lost reply is a timeout, and the line goes on', async () => {
    const { clock, driver, board } = await openRig();
    board.faults.push({ kind: 'lost' });
    await expect(clock.settled(driver.setCoil(1, true, terms('on')))).rejects.toMatchObject({ code: 'timeout' });
    expect((await clock.settled(driver.readCoils(terms('read'))))[0]).toBe(true);
  });

  it('a corrupt reply is a timeout', async () => {
    const { clock, driver, board } = await openRig();
    board.faults.push({ kind: 'corrupt' });
    await expect(clock.settled(driver.readCoils(terms('read')))).rejects.toMatchObject({ code: 'timeout' });
  });

  it('an exception says what the board refused', async () => {
    const { clock, driver, board } = await openRig();
    board.faults.push({ kind: 'exception', code: 2 });
    const refused = clock.settled(driver.setCoil(1, true, terms('on')));
    await expect(refused).rejects.toMatchObject({ code: 'exception', message: expect.stringContaining('exception 2') });
  });

  // Given up after 300 ms; the line listens on for as long again.
  it.each([310, 590])('an OFF reading that comes after %i ms never answers the next read', async (afterMs) => {
    const { clock, driver, board } = await openRig();
    const paceMs = (8 + 3.5 + 6) * (10_000 / 9600);
    board.faults.push({ kind: 'late', byMs: afterMs - paceMs });
    await expect(clock.settled(driver.readCoils(terms('read')))).rejects.toMatchObject({ code: 'timeout' });
    board.coils[0] = true;
    expect((await clock.settled(driver.readCoils(terms('read'))))[0]).toBe(true);
  });

  it('a late acknowledgement never answers the same order sent again', async () => {
    const { clock, driver, board } = await openRig();
    board.faults.push({ kind: 'late', byMs: 400 }, { kind: 'deaf' });
    await expect(clock.settled(driver.setCoil(1, false, terms('off')))).rejects.toMatchObject({ code: 'timeout' });
    await expect(clock.settled(driver.setCoil(1, false, terms('off')))).rejects.toMatchObject({ code: 'timeout' });
  });

  it('what came between two exchanges is not the answer to the second', async () => {
    const { clock, driver, board } = await openRig();
    const stale = Uint8Array.from([0x01, 0x01, 0x01, 0x00, 0x51, 0x88]);
    board.say(stale);
    await clock.advance(100);
    board.coils[0] = true;
    expect((await clock.settled(driver.readCoils(terms('read'))))[0]).toBe(true);
  });
});
