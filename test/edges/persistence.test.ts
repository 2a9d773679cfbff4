import { describe, expect, it } from 'vitest';
import type { Client, Decision, Reply, Toggled } from './client.ts';
import { type House, PATIENTLY, runningHouse } from './rig.ts';

/** Sends, and kills the hub in the same turn of the event loop in which the answer is there. */
async function thenCrash<T>(house: House, request: Promise<Reply<T>>): Promise<T> {
  const { status, text, body } = await request;
  house.hub.strike();
  expect([200, 201, 204], text).toContain(status);
  await house.hub.ended;
  await house.start();
  return body;
}

async function decisionOf(api: Client, { decision }: Toggled): Promise<Decision | undefined> {
  return (await api.decisions((decision.seq ?? 0) - 1))[0];
}

describe('what was answered with success is there after a SIGKILL at once after the answer', {
  timeout: 60_000,
}, () => {
  it('an appliance, its changes, its end', async () => {
    const house = await runningHouse();
    const asked = { id: 'oven', name: 'Oven', wattage: '2400.125', relay: { bus: 'main', channel: 5 }, priority: 7 };
    const added = await thenCrash(house, house.api.ask('/api/appliances', { method: 'POST', body: asked }));
    expect(await house.api.appliance('oven')).toEqual({ ...(added as object), updated_at: expect.any(String) });

    const change = { name: 'New oven', wattage: 2500.5, relay: null };
    await thenCrash(house, house.api.ask('/api/appliances/oven', { method: 'PATCH', body: change }));
    expect(await house.api.appliance('oven')).toMatchObject({ ...change, priority: 7 });

    await thenCrash(house, house.api.ask('/api/appliances/oven', { method: 'DELETE' }));
    expect(await house.api.appliances()).toEqual([]);
  });

  it('a toggle, on and off, of a relay and of a declared load', async () => {
    const house = await runningHouse();
    await house.add('heater', 1500.5, 8);
    await house.add('lamp', 10.001);
    for (const isOn of [true, false]) {
      for (const id of ['heater', 'lamp']) {
        const answer = await thenCrash(house, house.api.toggle(id, isOn));
        expect(await decisionOf(house.api, answer)).toMatchObject({
          ...answer.decision,
          appliance: id,
          is_on: isOn,
          kind: 'ordered',
          actor: 'admin',
        });
        await expect
          .poll(() => house.api.appliance(id), PATIENTLY)
          .toMatchObject({ is_on: isOn, relay_state: isOn ? 'on' : 'off' });
      }
      expect(await house.board.closed()).toEqual(isOn ? [8] : []);
      expect((await house.api.load()).reserved_w).toBe(isOn ? 1510.501 : 0);
    }
    expect(await house.board.written(8)).toEqual([true, false]);
  });

  it('a token, and the end of a token', async () => {
    const house = await runningHouse({ buses: {} });
    const body = { role: 'operator', name: 'Phone' };
    const request = house.api.ask<{ id: string; token: string }>('/api/tokens', { method: 'POST', body });
    const { id, token } = await thenCrash(house, request);
    const loadAs = async () => (await house.clientOf(token).ask('/api/load')).status;
    expect(await loadAs()).toBe(200);
    await thenCrash(house, house.api.ask(`/api/tokens/${id}`, { method: 'DELETE' }));
    expect(await loadAs()).toBe(401);
  });

  it('a refusal is there too', async () => {
    const house = await runningHouse({ buses: {} });
    await house.add('sauna', 5000.001);
    const { status } = await house.api.toggle('sauna', true);
    house.hub.strike();
    expect(status).toBe(403);
    await house.hub.ended;
    await house.start();
    expect(await house.api.decisions()).toContainEqual(
      expect.objectContaining({ kind: 'refused', appliance: 'sauna', code: 'capacity_exceeded' }),
    );
  });
});

describe('a SIGKILL between the decision and the word of the relay', { timeout: 60_000 }, () => {
  /** A hub that died while it waited for the board: the order is durable, and the board never heard of it. */
  async function diedWaiting(isOn: boolean): Promise<House> {
    const house = await runningHouse({ buses: { main: { timeout_ms: 1000 } } });
    const { api, board } = house;
    await house.add('heater', 3000, 1);
    if (!isOn) await api.toggle('heater', true);
    await board.fault({ mute: true });
    const lost = api.toggle('heater', isOn, 'key').catch(() => 'no answer');
    const orders = async () =>
      (await api.decisions()).filter(({ kind, is_on }) => kind === 'ordered' && is_on === isOn);
    await expect.poll(orders, PATIENTLY).toHaveLength(1);
    await house.hub.kill();
    expect(await lost).toBe('no answer');
    // Not before the next hub is there: the last frame of the dead one may be on the wire still.
    house.launch();
    const next = await house.greeted();
    await board.fault({ mute: false });
    await expect.poll(async () => (await next.ask('/ready')).status, PATIENTLY).toBe(200);
    return house;
  }

  it('an OFF is sent by the next hub, and a retry with its key is answered from the read-back', async () => {
    const house = await diedWaiting(false);
    const { status, body } = await house.api.toggle('heater', false, 'key');
    expect({ status, body }).toMatchObject({ status: 200, body: { changed: true, load: { reserved_w: 0 } } });
    expect(await decisionOf(house.api, body)).toMatchObject({ kind: 'ordered', appliance: 'heater', is_on: false });
    expect(await house.board.written(1)).toEqual([true, false]);
    expect((await house.api.decisions()).filter(({ kind }) => kind === 'failed')).toEqual([]);
  });

  it('an ON is never sent late, and a retry with its key is told that it failed', async () => {
    const house = await diedWaiting(true);
    const { status, body } = await house.api.toggle('heater', true, 'key');
    expect({ status, body }).toMatchObject({ status: 502, body: { code: 'relay_unreachable' } });
    expect(await house.api.appliance('heater')).toMatchObject({ is_on: false, relay_state: 'off', reserved_w: 0 });
    expect(await house.board.written(1)).toEqual([]);
  });
});
