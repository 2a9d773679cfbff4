import { describe, expect, it } from 'vitest';
import { EXCLUSIVE, LOCKOUT, locked, lockVerb, look, pathOf, type Verb } from './locking.ts';
import { ask, openApp } from './rig.ts';

const LAMP = 'appliance:lamp';

describe('bad input is told, and changes nothing', () => {
  const BAD: readonly [name: string, change: object, path: string][] = [
    ['TTL 0', { ttl_ms: 0 }, 'ttl_ms'],
    ['TTL 499', { ttl_ms: 499 }, 'ttl_ms'],
    ['TTL 1e9', { ttl_ms: 1e9 }, 'ttl_ms'],
    ['a TTL that is no whole number', { ttl_ms: 1000.5 }, 'ttl_ms'],
    ['a TTL in words', { ttl_ms: '1000' }, 'ttl_ms'],
    ['no TTL', { ttl_ms: undefined }, 'ttl_ms'],
    ['TTL null', { ttl_ms: null }, 'ttl_ms'],
    ['an unknown mode', { mode: 'upgradable' }, 'mode'],
    ['no mode', { mode: undefined }, 'mode'],
    ['a negative wait', { wait_ms: -1 }, 'wait_ms'],
    ['a wait of more than an hour', { wait_ms: 3_600_001 }, 'wait_ms'],
    ['a lock delay of more than a minute', { lock_delay_ms: 60_001 }, 'lock_delay_ms'],
    ['a hold shorter than the TTL', { max_hold_ms: 9999 }, 'max_hold_ms'],
    ['an unknown field', { ttl: 5 }, 'ttl'],
    ['metadata in words', { metadata: 'x' }, 'metadata'],
    ['metadata of 3 kB', { metadata: { a: 'x'.repeat(900), b: 'x'.repeat(900), c: 'x'.repeat(900) } }, 'metadata'],
    ['deep metadata', { metadata: { a: {} } }, 'metadata.a'],
    ['a lockout that is not sure', { metadata: { lockout: 'yes' } }, 'metadata.lockout'],
    ['a lockout with a TTL', { metadata: { lockout: true } }, 'ttl_ms'],
    ['a shared lockout', { ...LOCKOUT, mode: 'shared', ttl_ms: undefined }, 'mode'],
  ];
  it.each(BAD)('%s', async (_, change, path) => {
    const { app, hub } = await openApp();
    const before = hub.seq();
    const refused = await lockVerb(app, 'admin', 'acquire', LAMP, { ...EXCLUSIVE, ...change });
    expect(refused.type).toMatch(/^application\/problem\+json/);
    expect(refused.body).toMatchObject({ status: 400, code: 'invalid_request', errors: [{ path }] });
    expect(hub.seq()).toBe(before);
    expect((await look(app, LAMP)).state).toBe('free');
  });

  it.each([
    ['10 kB long', 'x'.repeat(10_000)],
    ['201 characters long', 'x'.repeat(201)],
    ['blank', ' '],
    ['with a line break', 'a\nb'],
    ['with NUL', 'a\0'],
    ['turned around', 'a\u202eb'],
  ])('a resource that is %s', async (_, resource) => {
    const { app, hub } = await openApp();
    const before = hub.seq();
    for (const [verb, body] of Object.entries(BODIES))
      expect((await lockVerb(app, 'admin', verb as Verb, resource, body)).body).toMatchObject({
        ...{ status: 400, code: 'invalid_request' },
        errors: [{ path: 'resource' }],
      });
    expect((await ask(app, 'viewer', 'GET', pathOf(resource))).status).toBe(400);
    expect(hub.seq()).toBe(before);
  });

  it.each([
    ['none', []],
    ['one twice', ['a', 'a']],
    ['33', Array.from({ length: 33 }, (_, i) => `r${i}`)],
    ['one without a name', ['a', '']],
    ['one that no URL can hold', ['a', '..']],
    ['another that no URL can hold', ['.']],
    ['text', 'a'],
    ['numbers', [1]],
  ])('a list of resources: %s', async (_, resources) => {
    const { app, hub } = await openApp();
    const before = hub.seq();
    const refused = await ask(app, 'operator', 'POST', '/api/locks/acquire', { resources, ...EXCLUSIVE });
    expect(refused.body).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(hub.seq()).toBe(before);
  });

  it.each([
    ['renew', { fencing_token: 0 }],
    ['renew', { fencing_token: '1' }],
    ['renew', { fencing_token: 1.5 }],
    ['renew', {}],
    ['renew', { fencing_token: 1, ttl_ms: 0 }],
    ['release', { fencing_token: null }],
    ['release', { fencing_token: 2 ** 60 }],
    ['downgrade', { fencing_token: 1, mode: 'shared' }],
    ['force-release', {}],
    ['force-release', { reason: '' }],
    ['force-release', { reason: 'x'.repeat(201) }],
  ] as const)('%s %o', async (verb, body) => {
    const { app, hub } = await openApp();
    await locked(app, 'admin', LAMP);
    const before = hub.seq();
    expect((await lockVerb(app, 'admin', verb, LAMP, body)).body).toMatchObject({ status: 400 });
    expect(hub.seq()).toBe(before);
  });

  it('a bad idempotency key', async () => {
    const { app, hub } = await openApp();
    const before = hub.seq();
    for (const key of ['', 'ä', 'k'.repeat(201)]) {
      const refused = await lockVerb(app, 'operator', 'acquire', LAMP, EXCLUSIVE, { 'idempotency-key': key });
      expect(refused.body).toMatchObject({ status: 400, errors: [{ path: 'idempotency-key' }] });
    }
    expect(hub.seq()).toBe(before);
  });
});

/** One good body for each verb. */
const BODIES: Readonly<Record<Verb, object>> = {
  acquire: EXCLUSIVE,
  renew: { fencing_token: 1 },
  release: { fencing_token: 1 },
  downgrade: { fencing_token: 1 },
  'force-release': { reason: 'because' },
};

describe('roles', () => {
  it.each([
    ['nobody', null, 401],
    ['a viewer', 'viewer', 403],
  ] as const)('%s locks nothing', async (_, role, status) => {
    const { app, hub } = await openApp();
    await locked(app, 'operator', LAMP);
    const before = hub.seq();
    for (const [verb, body] of Object.entries(BODIES))
      expect((await lockVerb(app, role, verb as Verb, LAMP, body)).body).toMatchObject({ status });
    const all = await ask(app, role, 'POST', '/api/locks/acquire', { resources: ['a'], ...EXCLUSIVE });
    expect(all.body).toMatchObject({ status });
    expect(hub.seq()).toBe(before);
    expect((await ask(app, role, 'GET', '/api/locks')).status).toBe(role === null ? 401 : 200);
  });
});
