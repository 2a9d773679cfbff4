import { describe, expect, it } from 'vitest';
import { addLoad, ask, openApp, toggle } from './rig.ts';

describe('appliances', () => {
  it('are added, read, changed and removed', async () => {
    const { app } = await openApp();
    const added = await addLoad(app, 'oven', '2400.5', { room: 'Kitchen', circuit: 'kitchen', priority: 10 });
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({
      id: 'oven',
      wattage: 2400.5,
      room: 'Kitchen',
      circuit: 'kitchen',
      is_on: false,
      relay_state: 'off',
    });
    expect((await ask(app, 'viewer', 'GET', '/api/appliances/oven')).body).toEqual(added.body);
    expect((await ask(app, 'viewer', 'GET', '/api/appliances')).body).toEqual({ appliances: [added.body] });

    const changed = await ask(app, 'admin', 'PATCH', '/api/appliances/oven', { name: 'Big oven', room: null });
    expect(changed.body).toMatchObject({ id: 'oven', name: 'Big oven', room: null, wattage: 2400.5, priority: 10 });

    const removed = await ask(app, 'admin', 'DELETE', '/api/appliances/oven');
    expect([removed.status, removed.text]).toEqual([204, '']);
    expect((await ask(app, 'viewer', 'GET', '/api/appliances/oven')).body).toMatchObject({
      code: 'not_found',
      status: 404,
    });
  });

  it('get an id from their name, and another when it is taken', async () => {
    const { app, hub, ledger, clock } = await openApp();
    const { promise, resolve: openGate } = Promise.withResolvers<void>();
    ledger.gate = promise;
    const add = () => ask(app, 'admin', 'POST', '/api/appliances', { name: 'Hair dryer', wattage: 1800 });
    const adding = [add(), add(), add()];
    // All three have chosen the same id before the first of them is recorded.
    await expect.poll(() => hub.health().waiting).toBe(2);
    openGate();
    await clock.settle();
    const ids = (await Promise.all(adding)).map(({ body }) => body.id);
    expect(ids.sort()).toEqual(['hair-dryer', 'hair-dryer-2', 'hair-dryer-3']);
    expect((await addLoad(app, 'hair-dryer', 5)).body).toMatchObject({ code: 'conflict', status: 409 });
  });

  it('name what the house does not have', async () => {
    const { app } = await openApp();
    for (const more of [
      { circuit: 'attic' },
      { relay: { bus: 'nope', channel: 1 } },
      { relay: { bus: 'main', channel: 9 } },
    ]) {
      const refused = await addLoad(app, 'tv', 150, more);
      expect(refused.body).toMatchObject({
        code: 'invalid_request',
        status: 400,
        errors: [{ message: refused.body.detail }],
      });
    }
    expect((await ask(app, 'viewer', 'GET', '/api/appliances')).body).toEqual({ appliances: [] });
  });

  it('are not removed while on, and need no more than they have to be refused more watts', async () => {
    const { app } = await openApp();
    await addLoad(app, 'oven', 2400);
    await toggle(app, 'oven', true);
    expect((await ask(app, 'admin', 'DELETE', '/api/appliances/oven')).body).toMatchObject({
      code: 'conflict',
      status: 409,
    });
    const more = await ask(app, 'admin', 'PATCH', '/api/appliances/oven', { wattage: 5000.1 });
    expect(more.body).toMatchObject({
      code: 'capacity_exceeded',
      limit_w: 5000,
      requested_w: 2600.1,
      exceeded_by_w: 0.1,
    });
  });
});

describe('a toggle', () => {
  it('answers with the appliance, the load and the decision', async () => {
    const { app, hub } = await openApp();
    await addLoad(app, 'tv', 150);
    const on = await toggle(app, 'tv', true);
    expect(on.status).toBe(200);
    expect(on.body).toMatchObject({
      changed: true,
      appliance: { id: 'tv', is_on: true, relay_state: 'on' },
      load: { reserved_w: 150 },
    });
    const [ordered] = (await hub.decisions(0, 100)).filter(({ kind }) => kind === 'ordered');
    expect(on.body.decision).toEqual({ seq: ordered?.seq, at: '2026-01-01T00:00:00.000Z' });
    expect((await toggle(app, 'tv', true)).body).toMatchObject({ changed: false, appliance: { is_on: true } });
    expect((await ask(app, 'viewer', 'GET', '/api/load')).body).toEqual(on.body.load);
  });

  it('refuses what does not fit, with the watts', async () => {
    const { app } = await openApp();
    await addLoad(app, 'a', '2500.5');
    await addLoad(app, 'b', '2499.6');
    await toggle(app, 'a', true);
    const refused = await toggle(app, 'b', true);
    expect(refused.type).toMatch(/^application\/problem\+json/);
    expect(refused.body).toMatchObject({
      status: 403,
      code: 'capacity_exceeded',
      circuit: 'house',
      limit_w: 5000,
      reserved_w: 2500.5,
      requested_w: 2499.6,
      exceeded_by_w: 0.1,
    });
    await ask(app, 'admin', 'PATCH', '/api/appliances/b', { wattage: 2499.5 });
    expect((await toggle(app, 'b', true)).body).toMatchObject({ changed: true, load: { reserved_w: 5000 } });
  });

  it('says that the relay is out of reach', async () => {
    const { app } = await openApp();
    await addLoad(app, 'lamp', 60, { relay: { bus: 'main', channel: 1 } });
    expect((await toggle(app, 'lamp', true)).body).toMatchObject({
      status: 502,
      code: 'relay_unreachable',
      relay_state: 'unknown',
    });
    const retired = await ask(app, 'admin', 'POST', '/api/appliances/lamp/retire', { reason: 'sold' });
    expect(retired.body).toMatchObject({
      changed: true,
      appliance: { retired: 'sold', reserved_w: 0 },
      load: { reserved_w: 0 },
    });
  });

  it('replays the first answer to a key, byte by byte, and refuses the key for anything else', async () => {
    const { app } = await openApp();
    await addLoad(app, 'tv', 150);
    const key = { 'idempotency-key': 'once' };
    const first = await toggle(app, 'tv', true, key);
    await addLoad(app, 'radio', 20);
    await toggle(app, 'radio', true);
    expect((await toggle(app, 'tv', true, key)).text).toBe(first.text);
    expect((await toggle(app, 'tv', false, key)).body).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    expect((await toggle(app, 'radio', true, key)).body).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  it('replays a refusal too', async () => {
    const { app } = await openApp();
    await addLoad(app, 'big', 6000);
    const key = { 'idempotency-key': 'twice' };
    const first = await toggle(app, 'big', true, key);
    expect(first.body.code).toBe('capacity_exceeded');
    expect((await toggle(app, 'big', true, key)).text).toBe(first.text);
  });

  it('decides fifty at once', async () => {
    const { app } = await openApp();
    const ids = Array.from({ length: 50 }, (_, i) => `load-${i}`);
    await Promise.all(ids.map((id) => addLoad(app, id, 1000)));
    const answers = await Promise.all(ids.map((id) => toggle(app, id, true)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ body }) => body.code === 'capacity_exceeded')).toHaveLength(45);
  });

  it('answers 503 with a time to come back while the ledger is down', async () => {
    const { app, ledger } = await openApp();
    await addLoad(app, 'tv', 150);
    ledger.isBroken = true;
    const refused = await toggle(app, 'tv', true);
    expect(refused.body).toMatchObject({ status: 503, code: 'ledger_unavailable' });
    expect(refused.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect((await ask(app, 'viewer', 'GET', '/api/decisions')).body).toMatchObject({ code: 'ledger_unavailable' });
    expect((await ask(app, null, 'GET', '/health')).body).toMatchObject({ status: 'degraded', ledger: 'failed' });
  });
});

describe('the audit trail', () => {
  it('is read in pages', async () => {
    const { app } = await openApp();
    await addLoad(app, 'tv', 150);
    await toggle(app, 'tv', true);
    const seqs: unknown[] = [];
    let after: unknown = 0;
    for (let page = 0; page < 20; page += 1) {
      const { body } = await ask(app, 'viewer', 'GET', `/api/decisions?after=${after}&limit=2`);
      const decisions = body.decisions as { seq: number }[];
      seqs.push(...decisions.map(({ seq }) => seq));
      after = body.next_after;
    }
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => i + 1));
    expect(after).toBe(seqs.length);
  });

  it('says who, and shows no secret', async () => {
    const { app } = await openApp();
    await addLoad(app, 'tv', 150);
    await toggle(app, 'tv', true);
    const trail = await ask(app, 'viewer', 'GET', '/api/decisions');
    const decisions = trail.body.decisions as object[];
    const granted = { kind: 'ordered', actor: 'the operator', source: 'http', appliance: 'tv', outcome: 'granted' };
    expect(decisions).toContainEqual(expect.objectContaining(granted));
    expect(trail.text).not.toMatch(/[0-9a-f]{64}|vs_/);
  });
});
