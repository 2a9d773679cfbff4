import { describe, expect, it } from 'vitest';
import type { Decision } from './client.ts';
import { type House, newHouse, PATIENTLY } from './rig.ts';

const INPUTS = {
  1: { appliance: 'lamp', mode: 'toggle' },
  2: { appliance: 'pump', mode: 'follow' },
  8: { appliance: 'probe', mode: 'follow' },
};

async function reads(house: House, channels: readonly number[]): Promise<void> {
  await expect.poll(() => house.board.closed(), PATIENTLY).toEqual(channels);
}

async function presses(house: House): Promise<Decision[]> {
  return (await house.api.decisions()).filter(({ source }) => source === 'wall_switch');
}

/** What the wall switches asked for, and what they were told. */
async function asked(house: House): Promise<string[]> {
  const seen = (await presses(house)).filter(({ appliance }) => appliance !== 'probe');
  return seen.map(({ appliance, is_on, outcome }) => `${appliance} ${is_on ? 'on' : 'off'}: ${outcome}`);
}

/** Moves a switch until the hub sees it move: from then on it has a baseline of all inputs, for they are read at once. */
async function inputsAreRead(house: House): Promise<void> {
  const { length: before } = await presses(house);
  let isClosed = false;
  const move = async () => {
    isClosed = !isClosed;
    await house.board.input(8, isClosed);
    return (await presses(house)).length;
  };
  await expect.poll(move, { ...PATIENTLY, interval: 170 }).toBeGreaterThan(before);
}

/** A hub with a lamp on channel 1, a pump on channel 2, and switches that it has read. */
async function switchedHouse(lampW: number, pressed: readonly number[] = []): Promise<House> {
  const house = await newHouse({ buses: { main: { inputs: INPUTS } } });
  for (const input of pressed) await house.board.input(input, true);
  await house.start();
  await house.add('lamp', lampW, 1);
  await house.add('pump', 500, 2);
  await house.add('probe', 1);
  await inputsAreRead(house);
  return house;
}

describe('wall switches on the inputs of a board', { timeout: 60_000 }, () => {
  it('toggle: each press flips; follow: closed is on, open is off; the first reading is no edge', async () => {
    const house = await switchedHouse(100, [2]);
    await house.board.input(1, true);
    await reads(house, [1]); // and not 2, whose switch was closed from the start
    await house.board.input(1, false);
    await house.board.input(2, false);
    await expect.poll(() => asked(house), PATIENTLY).toEqual(['lamp on: granted', 'pump off: unchanged']);
    await house.board.input(2, true);
    await reads(house, [1, 2]);
    await house.board.input(1, true);
    await reads(house, [2]);
    await house.board.input(2, false);
    await reads(house, []);
    expect(await asked(house)).toEqual([
      'lamp on: granted',
      'pump off: unchanged',
      'pump on: granted',
      'lamp off: granted',
      'pump off: granted',
    ]);
    const lamp = (await presses(house)).find(({ appliance }) => appliance === 'lamp');
    expect(lamp?.actor).toContain('1 on main');
  });

  it('a switch that was moved while the hub was dead is the new baseline', async () => {
    const house = await switchedHouse(100);
    await house.hub.kill();
    await house.board.input(2, true);
    await house.start();
    await inputsAreRead(house);
    await house.board.input(1, true);
    await reads(house, [1]);
    expect(await asked(house)).toEqual(['lamp on: granted']);
  });

  it('a press beyond the limit is refused like any other request, and recorded', async () => {
    const house = await switchedHouse(2000.001);
    await house.add('heater', 3000);
    await house.api.toggle('heater', true);
    await house.board.input(1, true);
    await expect.poll(() => asked(house), PATIENTLY).toEqual(['lamp on: refused']);
    await house.board.input(2, true);
    await reads(house, [2]);
    expect(await house.board.written(1)).toEqual([]);
  });
});
