import { describe, expect, it } from 'vitest';
import { HTTP_LIMITS } from '../../daemon/http/limits.ts';
import { LiveClient as Client } from './live-client.ts';
import { bearer, openServer, TOKENS } from './rig.ts';

type Opened = Awaited<ReturnType<typeof openServer>>;

async function call({ server }: Opened, path: string, body: object, method = 'POST'): Promise<Response> {
  const headers = { ...bearer('admin'), 'content-type': 'application/json' };
  return fetch(`${server.url}${path}`, { method, headers, body: JSON.stringify(body) });
}

const WHO = { principal: 'hub', name: 'hub', role: 'admin', source: 'hub' } as const;
const addTv = (opened: Opened) => call(opened, '/api/appliances', { id: 'tv', name: 'TV', wattage: 150 });
const seqsOf = (client: Client) => client.of('event').map(({ seq }) => seq);

/** What the ledger holds beyond an event that a client knows. */
async function seqsAfter({ hub }: Opened, knownSeq = 0): Promise<number[]> {
  const decisions = await hub.decisions(knownSeq, 1000);
  expect(decisions).not.toEqual([]);
  return decisions.map(({ seq }) => seq);
}

const switchTv = (opened: Opened, isOn: boolean) => call(opened, '/api/appliances/tv/toggle', { is_on: isOn });

describe('the live feed', () => {
  it('sends a snapshot, then every event with the state after it', async () => {
    const opened = await openServer();
    await addTv(opened);
    const client = new Client(opened.server);
    const [snapshot] = await client.heard('snapshot');
    expect(snapshot).toMatchObject({
      seq: opened.hub.seq(),
      hub: opened.hub.info,
      locks: [],
      appliances: [{ id: 'tv' }],
      load: { reserved_w: 0 },
    });

    await switchTv(opened, true);
    await expect.poll(() => client.of('event').at(-1)?.seq).toBe(opened.hub.seq());
    expect(seqsOf(client)).toEqual(await seqsAfter(opened, snapshot?.seq));
    expect(client.of('event').at(-1)).toMatchObject({
      appliance_id: 'tv',
      appliance: { is_on: true, relay_state: 'on' },
      load: { reserved_w: 150 },
      decision: { appliance: 'tv' },
    });

    const second = new Client(opened.server);
    expect((await second.heard('snapshot'))[0]).toMatchObject({ seq: opened.hub.seq(), load: { reserved_w: 150 } });

    await switchTv(opened, false);
    await call(opened, '/api/appliances/tv', {}, 'DELETE');
    await expect.poll(() => client.of('event').at(-1)?.kind).toBe('appliance_removed');
    expect(client.of('event').at(-1)).toMatchObject({ appliance_id: 'tv', appliance: null });
  });

  it('goes on after the last event that a client knows', async () => {
    const opened = await openServer();
    await addTv(opened);
    const knownSeq = opened.hub.seq();
    await switchTv(opened, true);
    const client = new Client(opened.server, `?after=${knownSeq}`);
    await client.heard('ping');
    expect(client.of('snapshot')).toEqual([]);
    expect(seqsOf(client)).toEqual(await seqsAfter(opened, knownSeq));
    await switchTv(opened, false);
    await expect.poll(() => client.of('event').at(-1)?.seq).toBe(opened.hub.seq());
    expect(seqsOf(client)).toEqual(await seqsAfter(opened, knownSeq));
  });

  it.each([
    ['from before this start', 0],
    ['from another ledger', 999_999],
  ])('sends a new snapshot to a client that knows an event %s', async (_, after) => {
    const opened = await openServer();
    const client = new Client(opened.server, `?after=${after}`);
    expect((await client.heard('snapshot'))[0]?.seq).toBe(opened.hub.seq());
  });

  it('keeps the last thousand events', async () => {
    const opened = await openServer();
    await addTv(opened);
    const knownSeq = opened.hub.seq();
    while (opened.hub.seq() < knownSeq + HTTP_LIMITS.liveRing) {
      await opened.hub.ask({
        kind: 'change_appliance',
        appliance: 'tv',
        change: { priority: opened.hub.seq() % 100 },
        who: WHO,
      });
    }
    const all = new Client(opened.server, `?after=${knownSeq}`);
    await all.heard('event', HTTP_LIMITS.liveRing);
    const tooOld = new Client(opened.server, `?after=${knownSeq - 1}`);
    await tooOld.heard('snapshot');
    expect(tooOld.of('event')).toEqual([]);
  });

  it('tells nothing of tokens', async () => {
    const opened = await openServer();
    const client = new Client(opened.server);
    await client.heard('snapshot');
    await call(opened, '/api/tokens', { name: 'Hidden', role: 'viewer' });
    await addTv(opened);
    await client.heard('event');
    expect(client.of('event').map(({ kind }) => kind)).toEqual(['appliance_added']);
    expect(JSON.stringify(client.told)).not.toContain('Hidden');
    const resumed = new Client(opened.server, `?after=${opened.hub.seq() - 1}`);
    await resumed.heard('ping');
    await call(opened, '/api/tokens', { name: 'Another', role: 'viewer' });
    const upToDate = new Client(opened.server, `?after=${opened.hub.seq()}`);
    await upToDate.heard('ping');
    expect(upToDate.of('snapshot')).toEqual([]);
    expect(resumed.of('event').map(({ kind }) => kind)).toEqual(['appliance_added']);
  });

  it('pings, and drops who does not answer', async () => {
    const opened = await openServer();
    const client = new Client(opened.server);
    await client.heard('snapshot');
    await opened.clock.advance(HTTP_LIMITS.livePingMs);
    expect((await client.heard('ping'))[0]).toEqual({ type: 'ping', at: '2026-01-01T00:00:05.000Z' });

    const deaf = new Client(opened.server);
    await deaf.heard('snapshot');
    deaf.socket.pong = () => undefined;
    deaf.socket.pause();
    await opened.clock.advance(HTTP_LIMITS.livePingMs * (HTTP_LIMITS.livePingsMissed + 1));
    deaf.socket.resume();
    expect(await deaf.ended).toBe(1006);
  });
});

describe('a live feed is only for', () => {
  const host = (opened: Opened) => new URL(opened.server.url).host;

  async function sessionCookie(opened: Opened): Promise<string> {
    const response = await call(opened, '/api/auth/login', { token: TOKENS.viewer });
    return response.headers.get('set-cookie')?.split(';')[0] ?? '';
  }

  it('those who are known', async () => {
    const opened = await openServer();
    expect(await new Client(opened.server, '', {}).refused()).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
    expect(await new Client(opened.server, '', { authorization: 'Bearer vs_wrong' }).refused()).toMatchObject({
      status: 401,
    });
  });

  it.each([
    ['a page of another site, with a cookie', true, 'http://evil.example', false],
    ['a page of another site, with a token', false, 'http://evil.example', false],
    ['a cookie without a page', true, null, false],
    ['the panel', true, 'own', true],
    ['a program', false, null, true],
  ])('%s: cookie %s, origin %s -> %s', async (_, byCookie, origin, isWelcome) => {
    const opened = await openServer();
    const who: Record<string, string> = byCookie ? { cookie: await sessionCookie(opened) } : bearer('viewer');
    const from: Record<string, string> =
      origin === null ? {} : { origin: origin === 'own' ? `http://${host(opened)}` : origin };
    const client = new Client(opened.server, '', { ...who, ...from });
    if (isWelcome) await client.heard('snapshot');
    else expect(await client.refused()).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('good requests', async () => {
    const opened = await openServer();
    expect(await new Client(opened.server, '?after=x').refused()).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
    const plain = await fetch(`${opened.server.url}/api/live`, { headers: bearer('viewer') });
    expect(plain.status).toBe(400);
    expect(plain.headers.get('content-type')).toMatch(/problem\+json/);
  });

  it('as long as the session lasts', async () => {
    const opened = await openServer();
    const cookie = await sessionCookie(opened);
    const origin = `http://${host(opened)}`;
    const client = new Client(opened.server, '', { cookie, origin });
    await client.heard('snapshot');
    await fetch(`${opened.server.url}/api/auth/logout`, { method: 'POST', headers: { cookie, origin } });
    expect(await client.ended).toBe(4401);
  });

  it('a hundred at once', async () => {
    const opened = await openServer();
    const clients = Array.from({ length: HTTP_LIMITS.liveClients }, () => new Client(opened.server));
    await Promise.all(clients.map((client) => client.heard('snapshot')));
    const refused = await new Client(opened.server).refused();
    expect(refused).toMatchObject({ status: 503, body: { code: 'too_many_clients' } });
    clients[0]?.socket.close();
    await clients[0]?.ended;
    await expect
      .poll(async () =>
        (await (await fetch(`${opened.server.url}/metrics`)).text()).includes('voltsafe_live_clients 99'),
      )
      .toBe(true);
    await new Client(opened.server).heard('snapshot');
  });

  it('those who read: a slow one is cut, the others hear everything', async () => {
    // A house of many circuits: each event weighs 60 kB, more in all than the sockets of a machine hold back.
    const circuits = Array.from({ length: 400 }, (_, i) => ({
      id: `circuit-${'x'.repeat(40)}-${i}`,
      parent: 'house',
      limitMw: 1,
    }));
    const opened = await openServer({ circuits });
    await addTv(opened);
    const brisk = new Client(opened.server);
    const slow = new Client(opened.server);
    const [snapshot] = await brisk.heard('snapshot');
    await slow.heard('snapshot');
    slow.socket.pause();
    const total = 400;
    for (let sent = 1; sent <= total; sent += 1) {
      await opened.hub.ask({ kind: 'change_appliance', appliance: 'tv', change: { priority: sent % 100 }, who: WHO });
      if (sent % 10 === 0) await brisk.heard('event', sent);
    }
    expect(seqsOf(brisk)).toEqual(Array.from({ length: total }, (_, i) => Number(snapshot?.seq) + 1 + i));
    slow.socket.resume();
    expect(await slow.ended).toBe(1006);
    expect(slow.of('event').length).toBeLessThan(total);
  });
});
