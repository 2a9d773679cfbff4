import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Appliance } from './client.ts';
import { type House, newHouse, PATIENTLY, runningHouse } from './rig.ts';
import { TcpBoard } from './tcp-board.ts';

async function becomes(house: House, id: string, expected: Partial<Appliance>): Promise<void> {
  await expect.poll(() => house.api.appliance(id), PATIENTLY).toMatchObject(expected);
}

/** ON is refused at once: no order goes out that would have to be waited for, or that could leave later (S11). */
async function isUnreachable(house: House, id: string): Promise<void> {
  await becomes(house, id, { relay_state: 'unknown', fault: 'unreachable' });
  const { length: before } = await house.api.decisions();
  const { status, body } = await house.api.toggle(id, true);
  expect({ status, body }).toMatchObject({ status: 502, body: { code: 'relay_unreachable', relay_state: 'unknown' } });
  expect((await house.api.decisions()).slice(before)).toMatchObject([{ kind: 'refused', code: 'relay_unreachable' }]);
}

describe('a serial path that does not exist', { timeout: 60_000 }, () => {
  it('the hub runs, its relays are unknown, ON is 502 at once; it recovers when the device appears', async () => {
    const house = await newHouse({ buses: { main: {}, late: { path: join('/', 'dev', 'voltsafe-nothing') } } });
    await house.board.unplug();
    await house.start();
    const { api } = house;
    await house.add('heater', 3000, 1);
    await house.add('pump', 1000, 'late/1');
    for (const id of ['heater', 'pump']) await isUnreachable(house, id);
    expect((await api.load()).reserved_w).toBe(4000);
    expect((await api.ask('/ready')).status).toBe(200);
    expect((await api.ask('/health')).body).toMatchObject({
      status: 'degraded',
      buses: [
        { id: 'main', up: false, reason: expect.any(String) },
        { id: 'late', up: false, reason: expect.any(String) },
      ],
    });

    const board = await house.plugIn();
    await becomes(house, 'heater', { relay_state: 'off', fault: null, reserved_w: 0 });
    // What was refused while the line was down never leaves later.
    expect(await board.written(1)).toEqual([]);
    expect((await api.toggle('heater', true)).status).toBe(200);
    expect(await board.closed()).toEqual([1]);
    await isUnreachable(house, 'pump');
  });
});

describe('a board that is unplugged', { timeout: 60_000 }, () => {
  it('keeps its watts; when another one hangs there, nothing comes on by itself but what is to be restored', async () => {
    const house = await runningHouse();
    const { api } = house;
    await house.add('heater', 2000, 1);
    await house.add('fridge', 150, 2, { on_power_loss: 'restore' });
    await house.add('lamp', 100, 3);
    for (const id of ['heater', 'fridge']) expect((await api.toggle(id, true)).status).toBe(200);

    await house.board.unplug();
    for (const id of ['heater', 'fridge', 'lamp']) await isUnreachable(house, id);
    expect((await api.load()).reserved_w).toBe(2250);
    expect(await api.appliance('heater')).toMatchObject({ is_on: true, power_w: null });

    const { length: before } = await api.decisions();
    const board = await house.plugIn();
    // Both are read at once: from then on the fridge is on only when it was switched on anew.
    await becomes(house, 'heater', { is_on: false, relay_state: 'off', reserved_w: 0 });
    await becomes(house, 'fridge', { is_on: true, relay_state: 'on' });
    expect(await board.closed()).toEqual([2]);
    expect((await api.load()).reserved_w).toBe(150);
    const since = (await api.decisions()).slice(before);
    expect(since).toContainEqual(expect.objectContaining({ appliance: 'heater', is_on: false, reason: 'read_off' }));
    expect(since).toContainEqual(
      expect.objectContaining({ appliance: 'fridge', is_on: true, reason: 'request', actor: 'hub' }),
    );
  });

  it('an OFF that could not be sent is sent when the board is back', async () => {
    const house = await runningHouse();
    const { api, board } = house;
    await house.add('heater', 2000, 1);
    await api.toggle('heater', true);
    await board.fault({ mute: true });
    await becomes(house, 'heater', { relay_state: 'unknown' });
    const { status, body } = await api.toggle('heater', false);
    expect({ status, body }).toMatchObject({ status: 502, body: { code: 'relay_unreachable' } });
    expect(await api.appliance('heater')).toMatchObject({ is_on: false, relay_state: 'unknown', reserved_w: 2000 });
    expect(await board.closed()).toEqual([1]);
    await board.fault({ mute: false });
    await becomes(house, 'heater', { relay_state: 'off', reserved_w: 0, fault: null });
    expect(await board.written(1)).toEqual([true, false]);
  });
});

describe('a board behind a network adapter', { timeout: 60_000 }, () => {
  it('is switched, is lost with the adapter, and is back with it', async () => {
    const adapter = new TcpBoard();
    await adapter.listen();
    onTestFinished(() => adapter.vanish());
    const house = await runningHouse({ buses: { main: { path: adapter.path } } });
    await house.add('heater', 2000, 4);
    await house.add('oven', 1000, 5);
    expect((await house.api.toggle('heater', true)).status).toBe(200);
    expect(adapter.closed()).toEqual([4]);

    await adapter.vanish();
    for (const id of ['heater', 'oven']) await isUnreachable(house, id);
    expect((await house.api.load()).reserved_w).toBe(3000);
    await adapter.listen();
    // The board itself kept its power: what was on is on.
    await becomes(house, 'heater', { is_on: true, relay_state: 'on', fault: null });
    await becomes(house, 'oven', { relay_state: 'off', reserved_w: 0 });
    expect(adapter.closed()).toEqual([4]);
    expect((await house.api.toggle('heater', false)).status).toBe(200);
    expect(adapter.closed()).toEqual([]);
  });
});
