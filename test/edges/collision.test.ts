import { describe, expect, it } from 'vitest';
import type { Client, Decision, Reply, Toggled } from './client.ts';
import { runningHouse } from './rig.ts';

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function allOn(api: Client, ids: readonly string[]): Promise<Reply<Toggled>[]> {
  return Promise.all(ids.map((id) => api.toggle(id, true)));
}

function isRefusal({ kind, code }: Decision): boolean {
  return kind === 'refused' && code === 'capacity_exceeded';
}

describe('collision', { timeout: 60_000 }, () => {
  it('3000 W are on: 50 at once for another 3000 W are all refused, and the ledger knows it', async () => {
    const house = await runningHouse();
    const { api, board } = house;
    await house.add('heater', 3000, 1);
    await house.add('oven', 3000, 2);
    expect((await api.toggle('heater', true)).status).toBe(200);

    const figures = { circuit: 'house', limit_w: 5000, reserved_w: 3000, requested_w: 3000, exceeded_by_w: 1000 };
    for (const { status, headers, body } of await allOn(api, new Array<string>(50).fill('oven'))) {
      expect(status).toBe(403);
      expect(headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(body).toMatchObject({ code: 'capacity_exceeded', ...figures });
    }
    expect(await api.load()).toMatchObject({ reserved_w: 3000, headroom_w: 2000, status: 'safe' });
    const refusals = (await api.decisions()).filter(isRefusal);
    expect(refusals).toHaveLength(50);
    for (const refusal of refusals)
      expect(refusal).toMatchObject({
        appliance: 'oven',
        actor: 'admin',
        source: 'http',
        outcome: 'refused',
        ...figures,
      });
    expect(await board.closed()).toEqual([1]);
    expect(await board.written(2)).toEqual([]);
  });

  it('50 at once for 50 appliances of 1000 W: exactly 5 succeed', async () => {
    const house = await runningHouse();
    const { api, board } = house;
    const ids = times(50, (i) => `load-${i}`);
    await Promise.all(ids.map((id, i) => house.add(id, 1000, i < 8 ? i + 1 : undefined)));

    // Backwards, so that declared loads and relays both are among the first.
    const replies = await allOn(
      api,
      [...ids].reverse().sort((a, b) => a.length - b.length),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(replies.filter(({ status, body }) => status === 403 && body.code === 'capacity_exceeded')).toHaveLength(45);
    expect(await api.load()).toMatchObject({ reserved_w: 5000, headroom_w: 0, utilization: 1, status: 'near_limit' });
    const on = (await api.appliances()).filter(({ is_on }) => is_on);
    expect(on).toHaveLength(5);
    expect(await board.closed()).toEqual(on.flatMap(({ relay }) => relay?.channel ?? []));
    expect((await api.decisions()).filter(isRefusal)).toHaveLength(45);
  });

  it('each circuit up to the house has its say, and the refusal names the one that is too small', async () => {
    const circuits = [
      { id: 'kitchen', limit_w: 3600 },
      { id: 'stove', parent: 'kitchen', limit_w: 3000 },
    ];
    const house = await runningHouse({ circuits, buses: {} });
    const { api } = house;
    await house.add('plate-1', 2000, undefined, { circuit: 'stove' });
    await house.add('plate-2', 1001, undefined, { circuit: 'stove' });
    await house.add('kettle', 1600.001, undefined, { circuit: 'kitchen' });
    await house.add('heater', 3000.001);
    expect((await api.toggle('plate-1', true)).status).toBe(200);
    const refused = { 'plate-2': ['stove', 1], kettle: ['kitchen', 0.001], heater: ['house', 0.001] };
    for (const [id, [circuit, exceeded_by_w]] of Object.entries(refused))
      expect((await api.toggle(id, true)).body).toMatchObject({ code: 'capacity_exceeded', circuit, exceeded_by_w });
    expect((await api.load()).circuits).toMatchObject([
      { id: 'kitchen', reserved_w: 2000 },
      { id: 'stove', reserved_w: 2000 },
    ]);
  });
});
