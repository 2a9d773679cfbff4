import { describe, expect, it } from 'vitest';
import { type House, newHouse, PATIENTLY } from './rig.ts';

const INPUTS = { 1: { appliance: 'lamp', mode: 'toggle' }, 2: { appliance: 'pump', mode: 'follow' } };

async function reads(house: House, channels: readonly number[]): Promise<void> {
  await expect.poll(() => house.board.closed(), PATIENTLY).toEqual(channels);
}

/** What wall switches asked for, and what they were told. */
async function asked(house: House) {
  const decisions = (await house.api.decisions()).filter(({ source }) => source === 'wall_switch');
  return decisions.map(({ appliance, is_on, outcome }) => `${appliance} ${is_on ? 'on' : 'off'}: ${outcome}`);
}

/** The inputs have been read at least once since: a bound appliance obeyed. */
async function nudge(house: House): Promise<void> {
  const { length } = await asked(house);
  await house.board.input(1, true);
  await expect.poll(async () => (await asked(house)).length, PATIENTLY).toBe(length + 1);
  await house.board.input(1, false);
}

describe('wall switches on the inputs of a board', { timeout: 60_000 }, () => {
  it('toggle: each press flips; follow: closed is on, open is off; the first reading is no edge', async () => {
    const house = await newHouse({ buses: { main: { inputs: INPUTS } } });
    await house.board.input(2, true);
    await house.start();
    await house.add('lamp', 100, 1);
    await house.add('pump', 500, 2);

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
    expect((await house.api.decisions()).find(({ source }) => source === 'wall_switch')?.actor).toContain('1 on main');
  });

  it('a switch that was moved while the hub was dead is the new baseline', async () => {
    const house = await newHouse({ buses: { main: { inputs: INPUTS } } });
    await house.start();
    await house.add('lamp', 100, 1);
    await house.add('pump', 500, 2);
    await house.hub.kill();
    await house.board.input(2, true);
    await house.start();
    await nudge(house);
    await reads(house, [1]);
    expect(await asked(house)).toEqual(['lamp on: granted']);
  });

  it('a press beyond the limit is refused like any other request, and recorded', async () => {
    const house = await newHouse({ buses: { main: { inputs: INPUTS } } });
    await house.start();
    await house.add('lamp', 2000.001, 1);
    await house.add('pump', 500, 2);
    await house.add('heater', 3000);
    await house.api.toggle('heater', true);
    await house.board.input(1, true);
    await expect.poll(() => asked(house), PATIENTLY).toEqual(['lamp on: refused']);
    await house.board.input(2, true);
    await reads(house, [2]);
    expect(await house.board.written(1)).toEqual([]);
  });
});
