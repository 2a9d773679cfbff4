import { Agent, type ClientRequest, request } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HTTP_LIMITS } from '../../daemon/http/limits.ts';
import { EXCLUSIVE, LOCKOUT, pathOf } from './locking.ts';
import { bearer, type House, openApp, openServer, TOKENS } from './rig.ts';

type Opened = Awaited<ReturnType<typeof openServer>>;
type Reached = House & { readonly server: Pick<Opened['server'], 'url'> };

interface Told {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A request over a socket of its own, which may be cut. */
class Waiting {
  readonly #sent: ClientRequest;
  /** Null: the connection ended before there was an answer. */
  readonly told: Promise<Told | null>;

  constructor({ server }: Reached, token: string, path: string, body: object, headers: Record<string, string> = {}) {
    const agent = new Agent({ keepAlive: false });
    const about = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers };
    const sent = request(`${server.url}${path}`, { method: 'POST', agent, headers: about });
    this.#sent = sent;
    this.told = new Promise((resolve) => {
      sent.once('error', () => resolve(null));
      sent.once('response', async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
      });
    });
    sent.end(JSON.stringify(body));
    onTestFinished(() => void sent.destroy());
  }

  cut(): void {
    this.#sent.destroy();
  }
}

const WAIT = { ...EXCLUSIVE, ttl_ms: 600_000, wait_ms: 60_000 };

function acquire(opened: Reached, token: string, more: object = {}, headers: Record<string, string> = {}): Waiting {
  return new Waiting(opened, token, pathOf('x', 'acquire'), { ...WAIT, ...more }, headers);
}

async function release(opened: Opened, token: string, fencingToken: number): Promise<void> {
  const sent = new Waiting(opened, token, pathOf('x', 'release'), { fencing_token: fencingToken });
  expect((await opened.clock.settled(sent.told))?.status).toBe(200);
}

/** The hub has this many waiting, as of its committed state. */
async function waiting({ hub }: Reached, count: number): Promise<void> {
  await expect.poll(() => hub.lock('x').waiting, { interval: 2, timeout: 15_000 }).toBe(count);
}

async function heldByAdmin(): Promise<Opened> {
  const opened = await openServer();
  expect(await acquire(opened, TOKENS.admin).told).toMatchObject({ status: 200, body: { lock: { fencing_token: 1 } } });
  return opened;
}

async function newToken({ server }: Opened, role: string): Promise<{ id: string; token: string }> {
  const headers = { ...bearer('admin'), 'content-type': 'application/json' };
  const body = JSON.stringify({ name: 'another', role });
  return (await (await fetch(`${server.url}/api/tokens`, { method: 'POST', headers, body })).json()) as never;
}

const kinds = async ({ hub }: Opened) =>
  (await hub.decisions(0, 1000)).map(({ kind }) => kind).filter((kind) => kind.startsWith('lock_'));

describe('whoever waits for a lock', () => {
  it('is answered when it is granted, in turn', async () => {
    const opened = await heldByAdmin();
    const first = acquire(opened, TOKENS.operator);
    await waiting(opened, 1);
    const { token } = await newToken(opened, 'operator');
    const second = acquire(opened, token);
    await waiting(opened, 2);
    expect(opened.hub.lock('x').waiters).toMatchObject([
      {
        name: 'the operator',
        principal: 'token:operator',
        mode: 'exclusive',
        resources: ['x'],
        gives_up_in_ms: 60_000,
      },
      { name: 'another' },
    ]);
    await release(opened, TOKENS.admin, 1);
    expect(await first.told).toMatchObject({ status: 200, body: { lock: { fencing_token: 2, state: 'held' } } });
    await release(opened, TOKENS.operator, 2);
    expect(await second.told).toMatchObject({ status: 200, body: { lock: { fencing_token: 3 } } });
  });

  it('is told 408 when its time is over, and who holds it', async () => {
    const opened = await heldByAdmin();
    const sent = acquire(opened, TOKENS.operator, { wait_ms: 5000 });
    await waiting(opened, 1);
    await opened.clock.advance(4999);
    expect(opened.hub.lock('x').waiting).toBe(1);
    await opened.clock.advance(1);
    const about = { code: 'wait_timeout', resource: 'x', holder: 'the admin', fencing_token: 1 };
    expect(await sent.told).toMatchObject({ status: 408, body: about });
    expect(opened.hub.lock('x').waiting).toBe(0);
  });

  it('may wait longer than a socket may be silent', async () => {
    const house = await openApp();
    const sockets: Socket[] = [];
    house.app.server.on('connection', (socket) => sockets.push(socket));
    const url = await house.app.listen({ host: '127.0.0.1', port: 0 });
    const opened = { ...house, server: { url } };
    expect(await acquire(opened, TOKENS.admin).told).toMatchObject({ status: 200 });
    acquire(opened, TOKENS.operator, { wait_ms: 3_600_000 });
    await waiting(opened, 1);
    expect(sockets.at(-1)?.timeout).toBe(3_600_000 + HTTP_LIMITS.silentSocketMs);
  });

  it('leaves with its socket, at once, and is never granted', async () => {
    const opened = await heldByAdmin();
    const gone = acquire(opened, TOKENS.operator);
    await waiting(opened, 1);
    const behind = acquire(opened, (await newToken(opened, 'operator')).token);
    await waiting(opened, 2);
    const cutMs = performance.now();
    gone.cut();
    await waiting(opened, 1);
    console.log(`a waiter whose socket was cut is gone after ${Math.round(performance.now() - cutMs)} ms`);
    await release(opened, TOKENS.admin, 1);
    expect(await behind.told).toMatchObject({ status: 200, body: { lock: { fencing_token: 2 } } });
    expect((await kinds(opened)).filter((kind) => kind === 'lock_acquired')).toHaveLength(2);
  });

  it('with a key leaves too, and what it came to be is asked for anew', async () => {
    const opened = await heldByAdmin();
    const key = { 'idempotency-key': 'mine' };
    const gone = acquire(opened, TOKENS.operator, {}, key);
    await waiting(opened, 1);
    gone.cut();
    await waiting(opened, 0);
    const again = acquire(opened, TOKENS.operator, {}, key);
    await waiting(opened, 1);
    await release(opened, TOKENS.admin, 1);
    expect(await again.told).toMatchObject({ status: 200, body: { lock: { fencing_token: 2 } } });
  });

  it('joins its first try by its key, and stays when that one leaves', async () => {
    const opened = await heldByAdmin();
    const key = { 'idempotency-key': 'mine' };
    const first = acquire(opened, TOKENS.operator, {}, key);
    await waiting(opened, 1);
    const rest = [1, 2, 3].map(() => acquire(opened, TOKENS.operator, {}, key));
    const other = await acquire(opened, TOKENS.operator, { ttl_ms: 5000 }, key).told;
    expect(other).toMatchObject({ status: 422 });
    first.cut();
    await expect.poll(async () => (await first.told) === null).toBe(true);
    await release(opened, TOKENS.admin, 1);
    for (const { told } of rest)
      expect(await told).toMatchObject({ status: 200, body: { lock: { fencing_token: 2 } } });
    expect((await kinds(opened)).filter((kind) => kind === 'lock_acquired')).toHaveLength(2);
  });

  it('that left while its request was on its way is forgotten all the same', async () => {
    const opened = await heldByAdmin();
    const { promise, resolve: openGate } = Promise.withResolvers<void>();
    opened.ledger.gate = promise;
    const before = opened.hub.seq();
    const gone = acquire(opened, TOKENS.operator);
    const late = acquire(opened, TOKENS.operator);
    await expect.poll(() => opened.hub.health().waiting).toBe(1);
    gone.cut();
    late.cut();
    await Promise.all([gone.told, late.told]);
    // Both closes have been heard before anything of it is durable.
    await opened.clock.settle();
    openGate();
    await expect.poll(() => opened.hub.health().waiting).toBe(0);
    await expect.poll(() => opened.hub.lock('x').waiting).toBe(0);
    await release(opened, TOKENS.admin, 1);
    expect(opened.hub.lock('x')).toMatchObject({ state: 'free', fencing_token: 1 });
    expect(opened.hub.seq()).toBeGreaterThan(before);
  });

  it('whose token is revoked is not granted', async () => {
    const opened = await heldByAdmin();
    const { id, token } = await newToken(opened, 'operator');
    const sent = acquire(opened, token);
    await waiting(opened, 1);
    await fetch(`${opened.server.url}/api/tokens/${id}`, { method: 'DELETE', headers: bearer('admin') });
    await release(opened, TOKENS.admin, 1);
    expect(await sent.told).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(opened.hub.lock('x').state).toBe('free');
  });

  it('is answered when the hub stops', async () => {
    const opened = await heldByAdmin();
    const sent = [acquire(opened, TOKENS.operator), acquire(opened, TOKENS.operator)];
    await waiting(opened, 2);
    const closing = opened.server.close();
    for (const { told } of sent) expect(await told).toMatchObject({ status: 503, body: { code: 'stopping' } });
    await opened.clock.settled(closing, HTTP_LIMITS.closeMs);
    expect(opened.hub.lock('x').waiting).toBe(0);
  });

  it('is one of so many', async () => {
    const opened = await heldByAdmin();
    const all = Array.from({ length: HTTP_LIMITS.lockWaitsOfOne }, () => acquire(opened, TOKENS.operator));
    await waiting(opened, all.length);
    const refused = { status: 429, body: { code: 'rate_limited' } };
    expect(await acquire(opened, TOKENS.operator).told).toMatchObject(refused);
    expect(await acquire(opened, TOKENS.operator, { wait_ms: 0 }).told).toMatchObject({ status: 409 });
    for (const one of all) one.cut();
    await waiting(opened, 0);
    acquire(opened, TOKENS.operator);
    await waiting(opened, 1);
  });
});

describe('a grant that reaches nobody', () => {
  it.each([
    ['is released', {}, 'free'],
    ['is kept for its key', { 'idempotency-key': 'mine' }, 'held'],
  ] as const)('%s', async (_, headers, state) => {
    const opened = await openServer();
    const { promise, resolve: openGate } = Promise.withResolvers<void>();
    opened.ledger.gate = promise;
    const before = opened.hub.seq();
    // Granted in the commit that is under way; its client leaves before that is durable.
    const sent = acquire(opened, TOKENS.operator, { wait_ms: 0 }, headers);
    await expect.poll(() => opened.ledger.appends).toBe(1);
    sent.cut();
    await sent.told;
    await opened.clock.settle();
    openGate();
    await expect.poll(() => opened.hub.seq()).toBe(before + (state === 'free' ? 2 : 1));
    expect(opened.hub.lock('x')).toMatchObject({ state, fencing_token: 1 });
    if (state === 'free') return;
    const replayed = await acquire(opened, TOKENS.operator, { wait_ms: 0 }, headers).told;
    expect(replayed).toMatchObject({ status: 200, body: { lock: { fencing_token: 1, state: 'held' } } });
  });

  it('is released where it was a lockout, which would never end', async () => {
    const opened = await openServer();
    const headers = { ...bearer('admin'), 'content-type': 'application/json' };
    const body = JSON.stringify({ id: 'x', name: 'x', wattage: 5, relay: { bus: 'main', channel: 1 } });
    await fetch(`${opened.server.url}/api/appliances`, { method: 'POST', headers, body });
    // Its board is gone: an OFF is never confirmed, so it stays pending.
    const { wait_ms: _, ttl_ms: __, ...rest } = WAIT;
    const path = pathOf('appliance:x', 'acquire');
    const sent = new Waiting(opened, TOKENS.admin, path, { ...rest, ...LOCKOUT, wait_ms: 60_000 });
    await expect.poll(() => opened.hub.lock('appliance:x').holders[0]?.state).toBe('pending');
    sent.cut();
    await expect.poll(() => opened.hub.lock('appliance:x').state).toBe('free');
  });
});
