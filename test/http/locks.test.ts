import { describe, expect, it } from 'vitest';
import type { Role } from '../../daemon/core/model.ts';
import * as wire from '../../daemon/http/wire.ts';
import { EXCLUSIVE, LOCKOUT, locked, lockVerb, look, pathOf } from './locking.ts';
import { addLoad, ask, openApp, toggle } from './rig.ts';

const LAMP = 'appliance:lamp';

describe('a lock', () => {
  it('is acquired, seen by all, renewed, downgraded and released', async () => {
    const { app, clock } = await openApp();
    const metadata = { task: 'dimmer', step: 2, dry: true, note: null };
    const granted = await lockVerb(app, 'operator', 'acquire', LAMP, { ...EXCLUSIVE, metadata });
    const lock = {
      ...{ resource: LAMP, mode: 'exclusive', holder: 'the operator', principal: 'token:operator' },
      ...{ fencing_token: 1, ttl_ms: 10_000, expires_in_ms: 10_000, acquired_at: '2026-01-01T00:00:00.000Z' },
      ...{ metadata, state: 'held' },
    };
    expect(granted.body).toEqual({ lock, decision: { seq: expect.any(Number), at: lock.acquired_at } });
    await clock.advance(4000);
    const held = { resource: LAMP, state: 'held', fencing_token: 1, holding: 1, waiting: 0, waiters: [] };
    expect(await look(app, LAMP)).toEqual({ ...held, holders: [{ ...lock, expires_in_ms: 6000 }] });
    expect((await ask(app, 'viewer', 'GET', '/api/locks')).body).toEqual({ locks: [await look(app, LAMP)] });

    const mine = { fencing_token: 1 };
    const renewed = await lockVerb(app, 'operator', 'renew', LAMP, mine);
    expect(renewed.body.lock).toEqual(lock);
    const longer = await lockVerb(app, 'operator', 'renew', LAMP, { ...mine, ttl_ms: 20_000 });
    expect(longer.body.lock).toMatchObject({ ttl_ms: 20_000, expires_in_ms: 20_000, fencing_token: 1 });
    const shared = await lockVerb(app, 'operator', 'downgrade', LAMP, mine);
    expect(shared.body.lock).toMatchObject({ mode: 'shared', fencing_token: 2, expires_in_ms: 20_000 });

    const released = await lockVerb(app, 'operator', 'release', LAMP, { fencing_token: 2 });
    expect(released.body).toMatchObject({ resource: LAMP, already_released: false });
    const again = await lockVerb(app, 'operator', 'release', LAMP, { fencing_token: 2 });
    expect([again.status, again.body]).toMatchObject([200, { already_released: true }]);
    expect(await look(app, LAMP)).toMatchObject({ state: 'free', fencing_token: 2, holders: [], waiters: [] });
    expect((await ask(app, 'viewer', 'GET', '/api/locks')).body).toEqual({ locks: [] });
  });

  it('has any printable name', async () => {
    const { app } = await openApp();
    for (const name of ['a/b?c#d%25', 'Küche 🔥', '...', 'acquire', 'constructor', 'x'.repeat(200), '日'.repeat(200)]) {
      const lock = await locked(app, 'operator', name);
      expect(lock).toMatchObject({ resource: name, fencing_token: 1 });
      expect(await look(app, name)).toMatchObject({ resource: name, state: 'held' });
    }
  });

  it('is free with token 0 where nobody ever locked', async () => {
    const { app, hub } = await openApp();
    const before = hub.seq();
    const free = { resource: 'x', state: 'free', fencing_token: 0, holding: 0, waiting: 0, holders: [], waiters: [] };
    expect(await look(app, 'x')).toEqual(free);
    expect(hub.seq()).toBe(before);
  });

  it('is refused to others, with who holds it and its token', async () => {
    const { app } = await openApp();
    await locked(app, 'operator', LAMP);
    const refused = await lockVerb(app, 'admin', 'acquire', LAMP, EXCLUSIVE);
    const about = { resource: LAMP, holder: 'the operator', fencing_token: 1 };
    expect(refused.type).toMatch(/^application\/problem\+json/);
    expect(refused.body).toMatchObject({ status: 409, code: 'lock_held', ...about });
    const twice = await lockVerb(app, 'operator', 'acquire', LAMP, EXCLUSIVE);
    expect(twice.body).toMatchObject({ status: 409, code: 'already_held', ...about });
    for (const verb of ['renew', 'release', 'downgrade'] as const) {
      const stolen = await lockVerb(app, 'admin', verb, LAMP, { fencing_token: 1 });
      expect(stolen.body).toMatchObject({ status: 409, code: 'conflict', ...about });
      const wrong = await lockVerb(app, 'operator', verb, LAMP, { fencing_token: 7 });
      expect(wrong.body).toMatchObject({ status: 409, code: 'conflict', ...about });
    }
    expect(await look(app, LAMP)).toMatchObject({ state: 'held', fencing_token: 1 });
  });

  it('ends by itself, and is not renewed afterwards', async () => {
    const { app, clock } = await openApp();
    await locked(app, 'operator', LAMP, { ttl_ms: 500 });
    await clock.advance(499);
    expect((await look(app, LAMP)).holders[0]).toMatchObject({ expires_in_ms: 1 });
    await clock.advance(1);
    expect(await look(app, LAMP)).toMatchObject({ state: 'free', fencing_token: 2 });
    const late = await lockVerb(app, 'operator', 'renew', LAMP, { fencing_token: 1 });
    expect(late.body).toMatchObject({ status: 409, code: 'conflict', fencing_token: 2, holder: null });
  });

  it('is shared, and then nobody has it alone', async () => {
    const { app } = await openApp();
    const shared = { mode: 'shared' };
    expect(await locked(app, 'operator', LAMP, shared)).toMatchObject({ fencing_token: 1 });
    expect(await locked(app, 'admin', LAMP, shared)).toMatchObject({ fencing_token: 2 });
    expect(await look(app, LAMP)).toMatchObject({ holding: 2, holders: [{ fencing_token: 1 }, { fencing_token: 2 }] });
    await lockVerb(app, 'operator', 'release', LAMP, { fencing_token: 1 });
    const alone = await lockVerb(app, 'operator', 'acquire', LAMP, EXCLUSIVE);
    expect(alone.body).toMatchObject({ code: 'lock_held', holder: 'the admin' });
  });

  it('is taken of several resources together, or of none', async () => {
    const { app } = await openApp();
    const all = (role: Role, resources: string[]) =>
      ask(app, role, 'POST', '/api/locks/acquire', { resources, ...EXCLUSIVE });
    await locked(app, 'admin', 'c');
    expect((await all('operator', ['a', 'b', 'c'])).body).toMatchObject({ code: 'lock_held', resource: 'c' });
    expect((await look(app, 'a')).state).toBe('free');
    const both = await all('operator', ['a', 'b']);
    expect(both.body.locks).toMatchObject([
      { resource: 'a', fencing_token: 1 },
      { resource: 'b', fencing_token: 1 },
    ]);
  });

  it('is taken away by an admin with a reason, and the token grows', async () => {
    const { app, hub } = await openApp();
    await locked(app, 'operator', LAMP);
    const refused = await lockVerb(app, 'operator', 'force-release', LAMP, { reason: 'mine now' });
    expect(refused.body).toMatchObject({ status: 403, code: 'forbidden' });
    const taken = await lockVerb(app, 'admin', 'force-release', LAMP, { reason: 'asleep' });
    expect(taken.body).toEqual({ resource: LAMP, decision: { seq: hub.seq(), at: expect.any(String) } });
    expect(await look(app, LAMP)).toMatchObject({ state: 'free', fencing_token: 2 });
    expect((await hub.decisions(hub.seq() - 1, 1))[0]).toMatchObject({
      ...{ kind: 'lock_forced', actor: 'the admin', reason: expect.stringContaining('asleep') },
      fencing_tokens: [{ resource: LAMP, fencing_token: 1 }],
    });
    const nobody = await lockVerb(app, 'admin', 'force-release', LAMP, { reason: 'again' });
    expect(nobody.body).toMatchObject({ status: 409, code: 'conflict' });
  });
});

describe('a lockout', () => {
  it('forces off, has no end, and is released by its holder or by an admin with a reason', async () => {
    const { app, clock } = await openApp();
    await addLoad(app, 'lamp', 60);
    await toggle(app, 'lamp', true);
    const granted = await lockVerb(app, 'admin', 'acquire', LAMP, LOCKOUT);
    expect(granted.body.lock).toMatchObject({ ttl_ms: null, expires_in_ms: null, metadata: { lockout: true } });
    expect((await ask(app, 'viewer', 'GET', '/api/appliances/lamp')).body).toMatchObject({ relay_state: 'off' });
    await clock.advance(1000);
    for (const header of [{}, { 'x-fencing-token': '1' }])
      expect((await toggle(app, 'lamp', true, header)).body).toMatchObject({ status: 423, code: 'locked' });
    const { id, token } = (await ask(app, 'admin', 'POST', '/api/tokens', { name: 'chief', role: 'admin' })).body;
    const chief = { authorization: `Bearer ${token}` };
    const release = (body: object) => ask(app, null, 'POST', pathOf(LAMP, 'release'), body, chief);
    expect((await release({ fencing_token: 1 })).body).toMatchObject({ status: 409 });
    expect((await release({ fencing_token: 1, reason: `done, says ${id}` })).body).toMatchObject({
      already_released: false,
    });
    expect((await toggle(app, 'lamp', true)).status).toBe(200);
  });

  it('is an admin’s, and of what there is', async () => {
    const { app } = await openApp();
    await addLoad(app, 'lamp', 60);
    expect((await lockVerb(app, 'operator', 'acquire', LAMP, LOCKOUT)).body).toMatchObject({ status: 403 });
    expect((await lockVerb(app, 'admin', 'acquire', 'appliance:no', LOCKOUT)).body).toMatchObject({ status: 404 });
  });
});

describe('a toggle under a lock', () => {
  it('needs the principal and the live token of its holder', async () => {
    const { app, hub } = await openApp();
    await addLoad(app, 'lamp', 60);
    const lock = await locked(app, 'operator', LAMP);
    const about = { status: 423, code: 'locked', resource: LAMP, holder: 'the operator', fencing_token: 1 };
    const shown = (text: string) => ({ 'x-fencing-token': text });
    expect((await toggle(app, 'lamp', true)).body).toMatchObject(about);
    expect((await toggle(app, 'lamp', true, shown('2'))).body).toMatchObject(about);
    const other = await ask(app, 'admin', 'POST', '/api/appliances/lamp/toggle', { is_on: true }, shown('1'));
    expect(other.body).toMatchObject(about);
    expect((await toggle(app, 'lamp', true, shown(String(lock.fencing_token)))).body).toMatchObject({ changed: true });
    expect((await hub.decisions(0, 1000)).find(({ kind }) => kind === 'ordered')).toMatchObject({
      fencing_tokens: [{ resource: null, fencing_token: 1 }],
    });
    await locked(app, 'operator', 'hub');
    expect((await toggle(app, 'lamp', false, shown('1'))).body).toMatchObject({ changed: true });
    const listed = shown('appliance%3Alamp=1 , hub=1');
    expect((await toggle(app, 'lamp', true, listed)).body).toMatchObject({ changed: true });
  });

  it.each(['', ' ', '0', '-1', '1.5', '01', '1e3', 'x', '1,2', '1;2', '=1', 'hub=', 'hub=1=2', 'hub=0', 'hub=x', ','])(
    'with the header "%s" is a bad request that changes nothing',
    async (text) => {
      const { app, hub } = await openApp();
      await addLoad(app, 'lamp', 60);
      const before = hub.seq();
      const refused = await toggle(app, 'lamp', true, { 'x-fencing-token': text });
      expect(refused.body).toMatchObject({ status: 400, errors: [{ path: 'x-fencing-token' }] });
      expect(hub.seq()).toBe(before);
    },
  );

  it.each([
    ['broken encoding', '%zz=1'],
    ['a name that is too long', `${'x'.repeat(201)}=1`],
    ['too many tokens', Array.from({ length: 33 }, (_, i) => `r${i}=1`).join(',')],
    ['a number that is too large', '1'.repeat(16)],
  ])('with %s too', async (_, text) => {
    const { app } = await openApp();
    await addLoad(app, 'lamp', 60);
    expect((await toggle(app, 'lamp', true, { 'x-fencing-token': text })).body).toMatchObject({ status: 400 });
  });
});

describe('an idempotency key', () => {
  const key = { 'idempotency-key': 'once' };
  const acquire = (app: Parameters<typeof lockVerb>[0], more: object = {}) =>
    lockVerb(app, 'operator', 'acquire', LAMP, { ...EXCLUSIVE, ...more }, key);

  it('makes 200 tries at once one lock with one token', async () => {
    const { app, hub } = await openApp();
    const tries = await Promise.all(Array.from({ length: 200 }, () => acquire(app)));
    expect(new Set(tries.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(tries.map(({ text }) => text)).size).toBe(1);
    expect((await hub.decisions(0, 1000)).filter(({ kind }) => kind.startsWith('lock_'))).toHaveLength(1);
    expect(await look(app, LAMP)).toMatchObject({ fencing_token: 1, holding: 1 });
  });

  it('is of one request, however that is written down', async () => {
    const { app } = await openApp();
    const first = await acquire(app, { metadata: { a: 1, b: 2 } });
    const same = { wait_ms: 0, metadata: { b: 2, a: 1 }, ttl_ms: 10_000, mode: 'exclusive', max_hold_ms: null };
    expect((await lockVerb(app, 'operator', 'acquire', LAMP, same, key)).text).toBe(first.text);
    for (const more of [{ ttl_ms: 9999 }, { mode: 'shared' }, { metadata: { a: 1 } }, { lock_delay_ms: 0 }])
      expect((await acquire(app, { metadata: { a: 1, b: 2 }, ...more })).body).toMatchObject({
        ...{ status: 422, code: 'idempotency_key_reused' },
      });
    const elsewhere = await lockVerb(app, 'operator', 'acquire', 'other', { ...EXCLUSIVE }, key);
    expect(elsewhere.body).toMatchObject({ status: 422 });
    expect(await locked(app, 'admin', 'other')).toMatchObject({ fencing_token: 1 });
  });

  it('tells the first token and what became of it', async () => {
    const { app, clock } = await openApp();
    await acquire(app, { ttl_ms: 500 });
    await clock.advance(500);
    const replayed = await acquire(app, { ttl_ms: 500 });
    expect(replayed.body.lock).toMatchObject({ fencing_token: 1, state: 'expired', expires_in_ms: null });
    expect((await look(app, LAMP)).state).toBe('free');
  });
});

describe('what is answered', () => {
  it('is what the schemas say, field by field', async () => {
    const { app } = await openApp();
    const granted = await lockVerb(app, 'operator', 'acquire', LAMP, { ...EXCLUSIVE, metadata: { a: 1 } });
    const pairs = [
      [wire.locked, granted.body],
      [
        wire.lockedAll,
        (await ask(app, 'admin', 'POST', '/api/locks/acquire', { resources: ['a', 'b'], ...EXCLUSIVE })).body,
      ],
      [wire.resource, await look(app, LAMP)],
      [wire.resourceList, (await ask(app, 'viewer', 'GET', '/api/locks')).body],
      [wire.decisionList, (await ask(app, 'viewer', 'GET', '/api/decisions')).body],
      [wire.problem, (await lockVerb(app, 'admin', 'acquire', LAMP, EXCLUSIVE)).body],
      [wire.forced, (await lockVerb(app, 'admin', 'force-release', LAMP, { reason: 'r' })).body],
      [wire.released, (await lockVerb(app, 'operator', 'release', LAMP, { fencing_token: 1 })).body],
    ] as const;
    for (const [schema, body] of pairs) expect(schema.parse(body)).toEqual(body);
  });
});
