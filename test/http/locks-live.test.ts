import { describe, expect, it } from 'vitest';
import { HTTP_LIMITS } from '../../daemon/http/limits.ts';
import { Asker } from './live-asker.ts';
import { EXCLUSIVE, pathOf } from './locking.ts';
import { bearer, openServer } from './rig.ts';

type Opened = Awaited<ReturnType<typeof openServer>>;

const X = { resource: 'x', ...EXCLUSIVE };
const LONG = { ...X, ttl_ms: 600_000, wait_ms: 60_000 };

async function api({ server }: Opened, method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const headers = { ...bearer('admin'), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const sent = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}${path}`, sent);
  return response.status === 204 ? {} : ((await response.json()) as Record<string, unknown>);
}

describe('verbs over the live feed', () => {
  it('do what HTTP does', async () => {
    const opened = await openServer();
    const operator = await Asker.open(opened);
    const granted = await operator.ask('acquire', { ...X, metadata: { task: 'dim' } });
    expect(granted).toMatchObject({ ok: true, lock: { resource: 'x', fencing_token: 1, metadata: { task: 'dim' } } });
    const mine = { resource: 'x', fencing_token: 1 };
    expect(await operator.ask('renew', { ...mine, ttl_ms: 20_000 })).toMatchObject({ lock: { ttl_ms: 20_000 } });
    expect(await operator.ask('downgrade', mine)).toMatchObject({ lock: { mode: 'shared', fencing_token: 2 } });
    const release = { resource: 'x', fencing_token: 2 };
    expect(await operator.ask('release', release)).toMatchObject({ ok: true, already_released: false });
    expect(await operator.ask('release', release)).toMatchObject({ ok: true, already_released: true });
    const both = await operator.ask('acquire', { resources: ['a', 'b'], ...EXCLUSIVE });
    expect(both.locks).toMatchObject([{ resource: 'a' }, { resource: 'b' }]);

    const admin = await Asker.open(opened, 'admin');
    const held = await admin.ask('acquire', { ...X, resource: 'a' });
    const problem = { status: 409, code: 'lock_held', resource: 'a', holder: 'the operator', fencing_token: 1 };
    expect(held).toMatchObject({ ok: false, problem });
    const refused = await operator.ask('force_release', { resource: 'a', reason: 'why not' });
    expect(refused).toMatchObject({ ok: false, problem: { status: 403, code: 'forbidden' } });
    expect(await admin.ask('force_release', { resource: 'a', reason: 'now' })).toMatchObject({ ok: true });
  });

  it('know the keys of HTTP', async () => {
    const opened = await openServer();
    const operator = await Asker.open(opened);
    const first = await operator.ask('acquire', { ...X, idempotency_key: 'once' });
    const headers = { ...bearer('operator'), 'content-type': 'application/json', 'idempotency-key': 'once' };
    const sent = { method: 'POST', headers, body: JSON.stringify(EXCLUSIVE) };
    const again = await fetch(`${opened.server.url}${pathOf('x', 'acquire')}`, sent);
    expect(await again.json()).toEqual({ lock: first.lock, decision: first.decision });
  });

  it('wait by the thousand, for they take no sockets', async () => {
    const opened = await openServer();
    await api(opened, 'POST', pathOf('x', 'acquire'), { ...EXCLUSIVE, ttl_ms: 600_000 });
    const feeds: Asker[] = [];
    for (let waiting = 0; waiting < HTTP_LIMITS.liveWaitsOfOne; waiting += HTTP_LIMITS.liveVerbs) {
      const feed = await Asker.open(opened);
      feeds.push(feed);
      for (let i = 0; i < HTTP_LIMITS.liveVerbs; i++) feed.send('acquire', LONG);
      const isAll = () => opened.hub.lock('x').waiting === waiting + HTTP_LIMITS.liveVerbs;
      await expect.poll(isAll, { timeout: 10_000 }).toBe(true);
    }
    const more = await Asker.open(opened);
    expect(await more.ask('acquire', LONG)).toMatchObject({ ok: false, problem: { code: 'rate_limited' } });
    for (const { feed } of feeds) feed.socket.terminate();
    await expect.poll(() => opened.hub.lock('x').waiting, { timeout: 10_000 }).toBe(0);
  });

  it('wait, and leave with their socket', async () => {
    const opened = await openServer();
    const [admin, operator] = [await Asker.open(opened, 'admin'), await Asker.open(opened)];
    await admin.ask('acquire', LONG);
    const gone = await Asker.open(opened);
    gone.send('acquire', LONG);
    gone.send('acquire', { ...LONG, idempotency_key: 'k' });
    await expect.poll(() => opened.hub.lock('x').waiting).toBe(2);
    const id = operator.send('acquire', LONG);
    await expect.poll(() => opened.hub.lock('x').waiting).toBe(3);
    const cutMs = performance.now();
    gone.feed.socket.terminate();
    await expect.poll(() => opened.hub.lock('x').waiting, { interval: 1 }).toBe(1);
    console.log(`waiters whose live feed was cut are gone after ${Math.round(performance.now() - cutMs)} ms`);
    await admin.ask('release', { resource: 'x', fencing_token: 1 });
    expect(await operator.reply(id)).toMatchObject({ ok: true, lock: { fencing_token: 2 } });
  });

  it('are answered when the hub stops', async () => {
    const opened = await openServer();
    const [admin, operator] = [await Asker.open(opened, 'admin'), await Asker.open(opened)];
    await admin.ask('acquire', LONG);
    const id = operator.send('acquire', LONG);
    await expect.poll(() => opened.hub.lock('x').waiting).toBe(1);
    const closing = opened.server.close();
    expect(await operator.reply(id)).toMatchObject({ ok: false, problem: { status: 503, code: 'stopping' } });
    await opened.clock.settled(closing, HTTP_LIMITS.closeMs);
    expect(await operator.feed.ended).toBe(1001);
  });

  it('are bounded', async () => {
    const opened = await openServer();
    const [admin, operator] = [await Asker.open(opened, 'admin'), await Asker.open(opened)];
    await admin.ask('acquire', LONG);
    const ids = Array.from({ length: HTTP_LIMITS.liveVerbs }, () => operator.send('acquire', LONG));
    const refused = await operator.ask('acquire', LONG);
    expect(refused).toMatchObject({ ok: false, problem: { status: 429, code: 'rate_limited' } });
    await expect.poll(() => opened.hub.lock('x').waiting, { timeout: 10_000 }).toBe(ids.length);
    const next = await Asker.open(opened);
    expect(await next.ask('release', { resource: 'y', fencing_token: 1 })).toMatchObject({ problem: { status: 409 } });
  });

  it('are a viewer’s never', async () => {
    const opened = await openServer();
    const viewer = await Asker.open(opened, 'viewer');
    const before = opened.hub.seq();
    const mine = { resource: 'x', fencing_token: 1 };
    const verbs = { acquire: X, renew: mine, release: mine, downgrade: mine };
    for (const [verb, fields] of Object.entries(verbs))
      expect(await viewer.ask(verb, fields)).toMatchObject({ ok: false, problem: { code: 'forbidden' } });
    const force = await viewer.ask('force_release', { resource: 'x', reason: 'r' });
    expect(force).toMatchObject({ ok: false, problem: { code: 'forbidden' } });
    expect(opened.hub.seq()).toBe(before);
  });

  it('end with their token', async () => {
    const opened = await openServer();
    const { id, token } = await api(opened, 'POST', '/api/tokens', { name: 'short', role: 'operator' });
    const asker = new Asker(opened, String(token));
    await asker.feed.heard('snapshot');
    await api(opened, 'POST', pathOf('x', 'acquire'), { ...EXCLUSIVE, ttl_ms: 600_000 });
    asker.send('acquire', LONG);
    await expect.poll(() => opened.hub.lock('x').waiting).toBe(1);
    await api(opened, 'DELETE', `/api/tokens/${id}`);
    expect(await asker.feed.ended).toBe(4401);
    await expect.poll(() => opened.hub.lock('x').waiting).toBe(0);
  });

  const BAD: readonly [name: string, text: string | Buffer, id: unknown, path: string][] = [
    ['no JSON', '{"id":1', null, ''],
    ['nothing', '', null, ''],
    ['an array', '[]', null, ''],
    ['bytes', Buffer.from([1, 2, 3]), null, ''],
    ['no verb', '{"type":"lock","id":"a"}', 'a', 'verb'],
    ['an unknown verb', '{"type":"lock","id":"a","verb":"steal"}', 'a', 'verb'],
    ['no id', JSON.stringify({ type: 'lock', verb: 'acquire', ...X }), null, 'id'],
    ['an id that is none', JSON.stringify({ type: 'lock', id: {}, verb: 'acquire', ...X }), null, 'id'],
    ['TTL 0', JSON.stringify({ type: 'lock', id: 'a', verb: 'acquire', ...X, ttl_ms: 0 }), 'a', 'ttl_ms'],
    ['TTL 1e9', JSON.stringify({ type: 'lock', id: 'a', verb: 'acquire', ...X, ttl_ms: 1e9 }), 'a', 'ttl_ms'],
    ['no TTL', JSON.stringify({ type: 'lock', id: 'a', verb: 'acquire', ...X, ttl_ms: null }), 'a', 'ttl_ms'],
    ['an unknown mode', JSON.stringify({ type: 'lock', id: 'a', verb: 'acquire', ...X, mode: 'all' }), 'a', 'mode'],
    ['no resource', JSON.stringify({ type: 'lock', id: 'a', verb: 'acquire', ...EXCLUSIVE }), 'a', 'resource'],
    [
      'one and several',
      JSON.stringify({ type: 'lock', id: 'a', verb: 'acquire', ...X, resources: ['y'] }),
      'a',
      'resource',
    ],
    [
      'a long name',
      JSON.stringify({ type: 'lock', id: 'a', verb: 'acquire', ...X, resource: 'x'.repeat(10_000) }),
      'a',
      'resource',
    ],
    ['an unknown field', JSON.stringify({ type: 'lock', id: 'a', verb: 'acquire', ...X, force: true }), 'a', 'force'],
    ['__proto__', '{"type":"lock","id":"a","verb":"acquire","__proto__":{}}', null, '__proto__'],
    ['token 0', '{"type":"lock","id":"a","verb":"renew","resource":"x","fencing_token":0}', 'a', 'fencing_token'],
    ['no reason', '{"type":"lock","id":"a","verb":"force_release","resource":"x"}', 'a', 'reason'],
  ];
  it.each(BAD)('%s is told, and changes nothing', async (_, text, id, path) => {
    const opened = await openServer();
    const admin = await Asker.open(opened, 'admin');
    const before = opened.hub.seq();
    admin.raw(text);
    const reply = await admin.reply(id as string | null);
    expect(reply).toMatchObject({ ok: false, problem: { status: 400, code: 'invalid_request', errors: [{ path }] } });
    expect(opened.hub.seq()).toBe(before);
    expect(admin.feed.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('an id that is under way is told', async () => {
    const opened = await openServer();
    const [admin, operator] = [await Asker.open(opened, 'admin'), await Asker.open(opened)];
    await admin.ask('acquire', LONG);
    const text = JSON.stringify({ type: 'lock', id: 'twice', verb: 'acquire', ...LONG });
    operator.raw(text);
    operator.raw(text);
    expect(await operator.reply('twice')).toMatchObject({ ok: false, problem: { errors: [{ path: 'id' }] } });
    expect(opened.hub.lock('x').waiting).toBe(1);
  });

  it('a message of 100 kB ends the feed', async () => {
    const opened = await openServer();
    const operator = await Asker.open(opened);
    operator.raw('x'.repeat(100_000));
    expect(await operator.feed.ended).toBe(1009);
  });
});
