import { describe, expect, it } from 'vitest';
import type { Appliance } from './client.ts';
import { type House, PATIENTLY, runningHouse } from './rig.ts';

async function becomes(house: House, id: string, expected: Partial<Appliance>): Promise<void> {
  await expect.poll(() => house.api.appliance(id), PATIENTLY).toMatchObject(expected);
}

/** What the hub did about an appliance, and why. */
async function ordersOf(house: House, id: string) {
  const decisions = await house.api.decisions();
  return decisions.flatMap(({ appliance, kind, is_on, reason }) =>
    appliance === id && kind === 'ordered' ? [`${is_on ? 'on' : 'off'}: ${reason}`] : [],
  );
}

describe("the board's own button (S9)", { timeout: 60_000 }, () => {
  it('an ON that fits is taken over, and counts', async () => {
    const house = await runningHouse();
    await house.add('heater', 3000, 1);
    await house.add('oven', 2000.001, 2);
    await house.board.button(1);
    await becomes(house, 'heater', { is_on: true, relay_state: 'on', reserved_w: 3000 });
    expect(await ordersOf(house, 'heater')).toEqual(['on: adopted']);
    expect((await house.api.toggle('oven', true)).body).toMatchObject({ code: 'capacity_exceeded', reserved_w: 3000 });
    expect(await house.board.closed()).toEqual([1]);
    expect(await house.board.written(1)).toEqual([]);
  });

  it('an ON that does not fit is a fact, and is switched off again', async () => {
    const house = await runningHouse();
    await house.add('heater', 3000, 1);
    await house.add('oven', 2500, 2, { priority: 99 });
    await house.api.toggle('heater', true);
    await house.board.button(2);
    await expect.poll(() => house.board.written(2), PATIENTLY).toEqual([false]);
    await becomes(house, 'oven', { is_on: false, relay_state: 'off', reserved_w: 0 });
    expect(await ordersOf(house, 'oven')).toEqual(['off: unasked']);
    // Whoever came unasked goes first, whatever its priority.
    expect(await house.board.closed()).toEqual([1]);
    const observed = (await house.api.decisions()).find(({ kind, is_on }) => kind === 'observed' && is_on);
    expect(observed).toMatchObject({ appliance: 'oven', reserved_w: 5500 });
  });

  it('an OFF frees the watts, and stays off', async () => {
    const house = await runningHouse();
    await house.add('heater', 3000, 1);
    await house.api.toggle('heater', true);
    await house.board.button(1);
    await becomes(house, 'heater', { is_on: false, relay_state: 'off', reserved_w: 0 });
    expect(await ordersOf(house, 'heater')).toEqual(['on: request', 'off: read_off']);
  });

  it('what was pressed while the hub was dead is treated the same', async () => {
    const house = await runningHouse();
    await house.add('heater', 3000, 1);
    await house.add('oven', 2500, 2);
    await house.add('lamp', 100, 3);
    await house.api.toggle('heater', true);
    for (const channel of [3, 2]) {
      await house.hub.kill();
      await house.board.button(channel);
      await house.start();
    }
    await becomes(house, 'oven', { is_on: false, relay_state: 'off' });
    await becomes(house, 'lamp', { is_on: true, relay_state: 'on' });
    expect(await house.board.closed()).toEqual([1, 3]);
    expect((await house.api.load()).reserved_w).toBe(3100);
    expect(await ordersOf(house, 'lamp')).toEqual(['on: adopted']);
    expect(await ordersOf(house, 'oven')).toEqual(['off: unasked']);
  });
});

describe('a relay that does not do as it is told', { timeout: 60_000 }, () => {
  it('stuck on: acknowledges the OFF, reads on, counts as on until it is off', async () => {
    const house = await runningHouse();
    const { api, board } = house;
    await house.add('heater', 3000, 1);
    await house.add('oven', 2500, 2);
    await api.toggle('heater', true);
    await board.fault({ stuck: [1] });
    await api.toggle('heater', false);
    await becomes(house, 'heater', { is_on: false, relay_state: 'on', fault: 'stuck_on', reserved_w: 3000 });
    expect((await api.toggle('oven', true)).body).toMatchObject({ code: 'capacity_exceeded', exceeded_by_w: 500 });
    await board.fault({ stuck: [] });
    await becomes(house, 'heater', { is_on: false, relay_state: 'off', fault: null, reserved_w: 0 });
    expect((await api.toggle('oven', true)).status).toBe(200);
    expect(await board.closed()).toEqual([2]);
  });

  it('stuck off: the ON does not stand, and its watts are free again', async () => {
    const house = await runningHouse();
    await house.add('heater', 3000, 1);
    await house.board.fault({ stuck: [1] });
    await house.api.toggle('heater', true);
    await becomes(house, 'heater', { is_on: false, relay_state: 'off', reserved_w: 0 });
    expect(await house.board.closed()).toEqual([]);
  });

  it('a welded contact shows in no register: only a meter will tell (design.md 6)', async () => {
    const house = await runningHouse();
    await house.add('heater', 3000, 1);
    await house.api.toggle('heater', true);
    await house.board.fault({ welded: [1] });
    expect((await house.api.toggle('heater', false)).body.appliance).toMatchObject({ relay_state: 'off' });
    expect(await house.board.written(1)).toEqual([true, false]);
    expect(await house.board.closed()).toEqual([1]);
  });
});
