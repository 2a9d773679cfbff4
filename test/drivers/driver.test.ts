import { describe, expect, it } from 'vitest';
import { openRig, terms } from './rig.ts';

describe('the modbus-coils driver', () => {
  it.each([
    [1, '01 01 00 00 00 08 3D CC'],
    [8, '01 01 00 00 00 08 3D CC'],
    [9, '01 01 00 00 00 10 3D C6'],
    [32, '01 01 00 00 00 20 3D D2'],
  ])('a board of %i channels is asked for whole bytes', async (channels, frame) => {
    const { clock, driver, board } = await openRig({
      channels: Math.ceil(channels / 8) * 8,
      settings: { channels },
      hasRead: false,
    });
    expect(await clock.settled(driver.readCoils(terms('read')))).toHaveLength(channels);
    expect(board.frames).toEqual([frame]);
  });

  it('allOff covers the whole board', async () => {
    const { clock, driver, board } = await openRig({ channels: 8, settings: { channels: 4 } });
    board.coils.fill(true);
    await clock.settled(driver.allOff?.(terms('off')) ?? Promise.reject(new Error('no allOff')));
    expect(board.coils).toEqual(new Array(8).fill(false));
  });

  it('a board without FC0F has no allOff, one without inputs no readInputs', async () => {
    const { driver } = await openRig({ settings: { quirks: { fc0f: 'none' } } });
    expect(driver.allOff).toBeUndefined();
    expect(driver.readInputs).toBeUndefined();
  });

  it('reads the inputs', async () => {
    const { clock, driver, board } = await openRig({
      settings: { inputs: { 3: { appliance: 'lamp', mode: 'toggle' } } },
    });
    board.inputs[2] = true;
    const inputs = await clock.settled(driver.readInputs?.(terms('read')) ?? Promise.reject(new Error('no inputs')));
    expect(inputs).toEqual([false, false, true, false, false, false, false, false]);
  });

  it.each([0, 9, 1.5, Number.NaN])('channel %d is refused, and nothing is sent', async (channel) => {
    const { driver, board } = await openRig();
    await expect(driver.setCoil(channel, true, terms('on'))).rejects.toMatchObject({ code: 'exception' });
    expect(board.frames).toEqual([]);
  });

  it('a first-generation board answers eight coils whatever is asked', async () => {
    const { clock, driver } = await openRig({ channels: 8, settings: { channels: 2 } });
    expect(await clock.settled(driver.readCoils(terms('read')))).toEqual([false, false]);
  });

  it('its own timeout is kept', async () => {
    const { clock, driver, board } = await openRig({ settings: { timeout_ms: 1000 } });
    board.faults.push({ kind: 'late', byMs: 900 });
    expect(await clock.settled(driver.readCoils(terms('read')))).toHaveLength(8);
  });
});
