import { describe, expect, it } from 'vitest';
import type { App } from '../../daemon/http/app-type.ts';
import { HTTP_LIMITS } from '../../daemon/http/limits.ts';
import { addLoad, ask, bearer, openApp, TOKENS } from './rig.ts';

const HOST = { host: 'hub.local:8080' };
const OWN = { ...HOST, origin: 'http://hub.local:8080' };

function cookieOf(headers: Readonly<Record<string, unknown>>): string {
  return String(headers['set-cookie']).split(';')[0] ?? '';
}

async function logIn(app: App, token: string = TOKENS.admin): Promise<{ cookie: string; full: string }> {
  const { status, headers } = await ask(app, null, 'POST', '/api/auth/login', { token }, OWN);
  expect(status).toBe(200);
  return { cookie: cookieOf(headers), full: String(headers['set-cookie']) };
}

describe('tokens', () => {
  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Bearer vs_wrong' }],
    ['another scheme', { authorization: `Basic ${TOKENS.admin}` }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['a cookie that is a token', { cookie: `voltsafe_session_home=${TOKENS.admin}` }],
  ])('%s is 401 with a challenge', async (_, headers) => {
    const { app } = await openApp();
    const refused = await ask(app, null, 'GET', '/api/load', undefined, headers);
    expect(refused.body).toMatchObject({ status: 401, code: 'unauthorized' });
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it('a wrong token is not made good by a cookie', async () => {
    const { app } = await openApp();
    const { cookie } = await logIn(app);
    expect((await ask(app, null, 'GET', '/api/load', undefined, { cookie })).status).toBe(200);
    expect(
      (await ask(app, null, 'GET', '/api/load', undefined, { cookie, authorization: 'Bearer vs_wrong' })).status,
    ).toBe(401);
  });

  it('a role may do what it may, and no more', async () => {
    const { app, hub } = await openApp();
    await addLoad(app, 'tv', 150);
    const before = hub.seq();
    const toggle = '/api/appliances/tv/toggle';
    expect((await ask(app, 'viewer', 'POST', toggle, { is_on: true })).body).toMatchObject({
      status: 403,
      code: 'forbidden',
    });
    expect((await ask(app, 'operator', 'POST', '/api/appliances', { name: 'x', wattage: 1 })).body.code).toBe(
      'forbidden',
    );
    expect((await ask(app, 'operator', 'PATCH', '/api/appliances/tv', { wattage: 1 })).body.code).toBe('forbidden');
    expect((await ask(app, 'operator', 'DELETE', '/api/appliances/tv')).body.code).toBe('forbidden');
    expect((await ask(app, 'operator', 'POST', '/api/appliances/tv/retire', { reason: 'x' })).body.code).toBe(
      'forbidden',
    );
    expect((await ask(app, 'operator', 'GET', '/api/tokens')).body.code).toBe('forbidden');
    expect((await ask(app, 'operator', 'POST', '/api/tokens', { name: 'x', role: 'admin' })).body.code).toBe(
      'forbidden',
    );
    expect(hub.seq()).toBe(before);
    expect((await ask(app, 'operator', 'POST', toggle, { is_on: true })).status).toBe(200);
  });

  it('are made, listed without secrets, and revoked', async () => {
    const { app } = await openApp();
    const made = await ask(app, 'admin', 'POST', '/api/tokens', { name: 'Kitchen tablet', role: 'operator' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      name: 'Kitchen tablet',
      role: 'operator',
      token: expect.stringMatching(/^vs_[\w-]{43}$/),
    });
    const { id, token } = made.body as { id: string; token: string };
    const list = await ask(app, 'admin', 'GET', '/api/tokens');
    expect(list.body.tokens).toContainEqual({
      id,
      name: 'Kitchen tablet',
      role: 'operator',
      use: 'api',
      mqtt_user: null,
      created_at: '2026-01-01T00:00:00.000Z',
      expires_in_ms: null,
    });
    expect(list.text).not.toMatch(/[0-9a-f]{64}|vs_/);

    const { cookie } = await logIn(app, token);
    expect((await ask(app, 'admin', 'DELETE', `/api/tokens/${id}`)).status).toBe(204);
    expect((await ask(app, null, 'GET', '/api/load', undefined, { authorization: `Bearer ${token}` })).status).toBe(
      401,
    );
    expect((await ask(app, null, 'GET', '/api/load', undefined, { cookie })).status).toBe(401);
    expect((await ask(app, 'admin', 'DELETE', `/api/tokens/${id}`)).body).toMatchObject({ status: 404 });
  });
});

describe('a session', () => {
  it('comes from a token, in a cookie that scripts and other sites do not get', async () => {
    const { app } = await openApp();
    const { cookie, full } = await logIn(app, TOKENS.viewer);
    expect(full).toMatch(/^voltsafe_session_home=vs_[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await ask(app, null, 'GET', '/api/session', undefined, { cookie })).body).toEqual({
      name: 'the viewer',
      role: 'viewer',
      principal: expect.stringMatching(/^session:viewer\.[0-9a-f]+$/),
    });
    const secure = await ask(
      app,
      null,
      'POST',
      '/api/auth/login',
      { token: TOKENS.viewer },
      { host: 'hub', origin: 'https://hub' },
    );
    expect(String(secure.headers['set-cookie'])).toContain('; Secure');
  });

  it('ends with logging out', async () => {
    const { app } = await openApp();
    const { cookie } = await logIn(app);
    const out = await ask(app, null, 'POST', '/api/auth/logout', undefined, { cookie, ...OWN });
    expect(out.status).toBe(204);
    expect(String(out.headers['set-cookie'])).toMatch(/^voltsafe_session_home=; Max-Age=0/);
    expect((await ask(app, null, 'GET', '/api/session', undefined, { cookie })).status).toBe(401);
  });

  it('ends after thirty days of uptime', async () => {
    const { app, clock } = await openApp();
    const { cookie } = await logIn(app);
    const get = () => ask(app, null, 'GET', '/api/session', undefined, { cookie });
    // Far jumps would run every live ping on the way: the timers of a closed feed do not.
    await clock.advance(1000);
    expect((await get()).status).toBe(200);
    const tokens = (await ask(app, 'admin', 'GET', '/api/tokens')).body.tokens as {
      use: string;
      expires_in_ms: number;
    }[];
    expect(tokens.find(({ use }) => use === 'session')?.expires_in_ms).toBe(HTTP_LIMITS.sessionMs - 1000);
  });

  it('is no token of its own: neither for Bearer logins, nor without end', async () => {
    const { app } = await openApp();
    const { cookie } = await logIn(app);
    const secret = cookie.split('=')[1] ?? '';
    expect((await ask(app, null, 'POST', '/api/auth/login', { token: secret })).status).toBe(401);
    const cookies: string[] = [];
    for (let i = 0; i < HTTP_LIMITS.sessionsPerToken; i += 1) cookies.push((await logIn(app)).cookie);
    expect((await ask(app, null, 'GET', '/api/session', undefined, { cookie })).status).toBe(401);
    expect((await ask(app, null, 'GET', '/api/session', undefined, { cookie: cookies[0] ?? '' })).status).toBe(200);
  });

  it.each([
    ['another site', { origin: 'http://evil.example' }, 403],
    ['another port', { origin: 'http://hub.local:9090' }, 403],
    ['a sandboxed page', { origin: 'null' }, 403],
    ['nowhere', {}, 403],
    ['another site without Origin', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a sibling site', { 'sec-fetch-site': 'same-site' }, 403],
    ['the panel', { origin: 'http://hub.local:8080' }, 200],
    ['the panel behind https', { origin: 'https://hub.local:8080' }, 200],
    ['the panel in an older browser', { 'sec-fetch-site': 'same-origin' }, 200],
  ])('changes something for %s: %o -> %i', async (_, headers, status) => {
    const { app } = await openApp();
    await addLoad(app, 'tv', 150);
    const { cookie } = await logIn(app);
    const answer = await ask(
      app,
      null,
      'POST',
      '/api/appliances/tv/toggle',
      { is_on: true },
      { ...HOST, cookie, ...headers },
    );
    expect(answer.status).toBe(status);
    expect((await ask(app, 'viewer', 'GET', '/api/load')).body.reserved_w).toBe(status === 200 ? 150 : 0);
  });

  it('acts as the panel', async () => {
    const { app } = await openApp();
    await addLoad(app, 'tv', 150);
    const { cookie } = await logIn(app);
    await ask(app, null, 'POST', '/api/appliances/tv/toggle', { is_on: true }, { ...OWN, cookie });
    const trail = (await ask(app, 'viewer', 'GET', '/api/decisions')).body.decisions as object[];
    expect(trail).toContainEqual(expect.objectContaining({ kind: 'ordered', source: 'panel', actor: 'the admin' }));
  });
});

describe('the one-time link', () => {
  const use = (app: App, secret: string) => ask(app, null, 'POST', '/api/setup', { secret }, OWN);

  it('opens one session of an admin', async () => {
    const { app, link, log } = await openApp();
    const secret = link.issue();
    const opened = await use(app, secret);
    expect(opened.body).toEqual({ name: 'One-time link', role: 'admin' });
    const cookie = cookieOf(opened.headers);
    expect((await ask(app, null, 'GET', '/api/tokens', undefined, { cookie })).status).toBe(200);
    expect((await use(app, secret)).status).toBe(401);
    expect(log.lines.join()).not.toContain(secret);
  });

  it('carries its secret where no server and no log sees it', async () => {
    const { link } = await openApp();
    expect(link.issueUrl('http://localhost:8080')).toMatch(/^http:\/\/localhost:8080\/#setup=vs_[\w-]{43}$/);
  });

  it('works for half an hour, and only the newest does', async () => {
    const { app, link, clock } = await openApp();
    const first = link.issue();
    const second = link.issue();
    expect((await use(app, first)).status).toBe(401);
    await clock.advance(HTTP_LIMITS.linkMs);
    expect((await use(app, second)).status).toBe(401);
    expect((await use(app, link.issue())).status).toBe(200);
  });

  it('stays good when the session could not be recorded', async () => {
    const { app, link, ledger, clock } = await openApp();
    const secret = link.issue();
    ledger.isBroken = true;
    expect((await use(app, secret)).body.code).toBe('ledger_unavailable');
    ledger.isBroken = false;
    await clock.advance(10_000);
    expect((await use(app, secret)).status).toBe(200);
  });

  it('is for pages of this hub', async () => {
    const { app, link } = await openApp();
    const answer = await ask(
      app,
      null,
      'POST',
      '/api/setup',
      { secret: link.issue() },
      { ...HOST, origin: 'http://evil.example' },
    );
    expect(answer.body).toMatchObject({ status: 403, code: 'forbidden' });
  });
});

describe('failed logins', () => {
  const fail = (app: App, address: string, token = 'vs_wrong') =>
    app.inject({ method: 'POST', url: '/api/auth/login', payload: { token }, remoteAddress: address });

  it('are limited per address, with the time to wait', async () => {
    const { app, clock, log } = await openApp();
    for (let i = 0; i < HTTP_LIMITS.failedLogins; i += 1) expect((await fail(app, '10.0.0.1')).statusCode).toBe(401);
    await clock.advance(20_000);
    const limited = await fail(app, '10.0.0.1', TOKENS.admin);
    expect(limited.json()).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(limited.headers['retry-after']).toBe('40');
    expect((await fail(app, '10.0.0.2', TOKENS.admin)).statusCode).toBe(200);
    await clock.advance(40_000);
    expect((await fail(app, '10.0.0.1', TOKENS.admin)).statusCode).toBe(200);
    expect(log.lines).toHaveLength(HTTP_LIMITS.failedLogins);
    expect(log.lines.join()).not.toContain('vs_');
  });

  it('do not count against those who are known', async () => {
    const { app } = await openApp();
    for (let i = 0; i < HTTP_LIMITS.failedLogins; i += 1) await fail(app, '127.0.0.1');
    expect((await ask(app, 'viewer', 'GET', '/api/load')).status).toBe(200);
  });
});

describe('probes', () => {
  it.each(['/health', '/ready', '/metrics'])(
    '%s is open on this machine, and for viewers from elsewhere',
    async (url) => {
      const { app } = await openApp();
      const from = (remoteAddress: string, headers = {}) => app.inject({ method: 'GET', url, remoteAddress, headers });
      expect((await from('127.0.0.1')).statusCode).toBe(200);
      expect((await from('::1')).statusCode).toBe(200);
      expect((await from('::ffff:127.0.0.1')).statusCode).toBe(200);
      expect((await from('192.168.1.20')).statusCode).toBe(401);
      expect((await from('192.168.1.20', bearer('viewer'))).statusCode).toBe(200);
    },
  );

  it('/ready is 503 until the relays are known', async () => {
    const { app, hub } = await openApp();
    hub.isReady = () => false;
    const waiting = await ask(app, null, 'GET', '/ready');
    expect(waiting.body).toMatchObject({ status: 503, code: 'not_ready' });
    expect(waiting.headers['retry-after']).toBe('1');
  });

  it('/metrics is what Prometheus reads', async () => {
    const { app } = await openApp();
    await addLoad(app, 'tv', 150);
    const { text, type } = await ask(app, null, 'GET', '/metrics');
    expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toContain('\nvoltsafe_reserved_watts{circuit="house"} 0\n');
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.eE+-]+)$/);
  });
});
