import { describe, expect, it } from 'vitest';
import { type House, PATIENTLY, runningHouse } from './rig.ts';

/** Two boards; the one in the garage no longer answers, and the hub has noticed. */
async function withSilentGarage(wattage = 2000): Promise<House> {
  const house = await runningHouse({ buses: { main: {}, garage: {} } });
  await house.add('pump', wattage, 'garage/1', { priority: 10 });
  await house.add('charger', 500, 'garage/2');
  await house.add('heater', 3000, 'main/1', { priority: 90 });
  await house.add('lamp', 0.001, 'main/2');
  expect((await house.api.toggle('pump', true)).status).toBe(200);
  await house.boardOf('garage').fault({ mute: true });
  await expect.poll(() => house.api.appliance('pump'), PATIENTLY).toMatchObject({ fault: 'unreachable' });
  return house;
}

describe('a board that never answers', { timeout: 60_000 }, () => {
  it('blocks only the watts of its own appliances', async () => {
    const house = await withSilentGarage();
    const { api } = house;
    // The pump may be on, and so may the charger: unknown counts as on.
    expect(await api.appliance('pump')).toMatchObject({ is_on: true, relay_state: 'unknown', reserved_w: 2000 });
    expect(await api.appliance('charger')).toMatchObject({ is_on: false, relay_state: 'unknown', reserved_w: 500 });
    expect((await api.load()).reserved_w).toBe(2500);

    const { length: before } = await api.decisions();
    const { status, body } = await api.toggle('charger', true);
    expect({ status, body }).toMatchObject({
      status: 502,
      body: { code: 'relay_unreachable', relay_state: 'unknown' },
    });
    // Refused at once: no order went out that would have to be waited for.
    expect((await api.decisions()).slice(before)).toMatchObject([{ kind: 'refused', code: 'relay_unreachable' }]);

    expect((await api.toggle('heater', true)).body).toMatchObject({ code: 'capacity_exceeded', exceeded_by_w: 500 });
    expect((await api.toggle('lamp', true)).status).toBe(200);
    expect(await house.boardOf('main').closed()).toEqual([2]);
  });

  it('an ON that it leaves unanswered is 502, and its watts stay counted until the board says off', async () => {
    const house = await runningHouse();
    const { api, board } = house;
    await house.add('heater', 3000, 1);
    await house.add('oven', 2000.001, 2);
    // It hears and obeys, but its replies are lost: the worst of both.
    await board.fault({ drop_replies: 1 });
    const { status, body } = await api.toggle('heater', true);
    expect({ status, body }).toMatchObject({ status: 502, body: { code: 'relay_unreachable' } });
    expect((await api.load()).reserved_w).toBeGreaterThanOrEqual(3000);
    await board.fault({ drop_replies: 0 });
    await expect
      .poll(() => api.appliance('heater'), PATIENTLY)
      .toMatchObject({ is_on: false, relay_state: 'off', fault: null, reserved_w: 0 });
    expect(await board.closed()).toEqual([]);
    expect((await api.toggle('oven', true)).status).toBe(200);
  });

  it('retiring it, with a reason, frees its watts and is in the audit trail; it is back when it answers', async () => {
    const house = await withSilentGarage();
    const { api } = house;
    const retire = (id: string, body: object) => api.ask(`/api/appliances/${id}/retire`, { method: 'POST', body });
    expect((await retire('pump', {})).status).toBe(400);
    expect((await retire('pump', { reason: '' })).status).toBe(400);
    expect((await api.load()).reserved_w).toBe(2500);

    const operator = house.clientOf(await house.newToken('operator', 'operator'));
    const path = '/api/appliances/pump/retire';
    expect((await operator.ask(path, { method: 'POST', body: { reason: 'I say so' } })).status).toBe(403);

    const { status } = await retire('pump', { reason: 'cable cut by the gardener' });
    expect(status).toBe(200);
    expect(await api.appliance('pump')).toMatchObject({ retired: 'cable cut by the gardener', reserved_w: 0 });
    expect((await api.load()).reserved_w).toBe(500);
    expect((await api.decisions()).at(-1)).toMatchObject({
      kind: 'retired',
      appliance: 'pump',
      actor: 'admin',
      reason: 'cable cut by the gardener',
    });
    expect((await api.toggle('pump', true)).status).toBe(502);

    // Declared disconnected means ordered off: it is back, and it is off.
    await house.boardOf('garage').fault({ mute: false });
    await expect
      .poll(() => api.appliance('pump'), PATIENTLY)
      .toMatchObject({ retired: null, relay_state: 'off', fault: null });
    expect(await house.boardOf('garage').closed()).toEqual([]);
    await expect.poll(() => api.load(), PATIENTLY).toMatchObject({ reserved_w: 0 });
    expect((await api.toggle('pump', true)).status).toBe(200);
    expect(await house.boardOf('garage').closed()).toEqual([1]);
  });

  it('a retired relay that turns out to be on after all never stays on beside what took its watts', async () => {
    const house = await withSilentGarage(2500);
    const { api } = house;
    for (const id of ['pump', 'charger'])
      await api.post(`/api/appliances/${id}/retire`, { reason: 'sold with the garage' });
    expect((await api.toggle('heater', true)).status).toBe(200);

    await house.boardOf('garage').fault({ mute: false });
    await expect.poll(() => house.boardOf('garage').closed(), PATIENTLY).toEqual([]);
    await expect
      .poll(() => api.appliance('pump'), PATIENTLY)
      .toMatchObject({ is_on: false, relay_state: 'off', retired: null });
    expect(await house.boardOf('main').closed()).toEqual([1]);
    expect((await api.load()).reserved_w).toBe(3000);
  });
});
