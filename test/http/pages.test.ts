import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as wire from '../../daemon/http/wire.ts';
import { addLoad, ask, openApp, toggle } from './rig.ts';

async function builtPanel(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'panel-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const panelDir = join(root, 'dist');
  await mkdir(join(panelDir, 'assets'), { recursive: true });
  await writeFile(join(root, 'secret.txt'), 'not for the web');
  await writeFile(join(panelDir, 'index.html'), '<!doctype html><title>Panel</title>');
  await writeFile(join(panelDir, '.env'), 'A=1');
  await writeFile(join(panelDir, 'assets', 'index-3f2a.js'), 'export {};');
  return panelDir;
}

describe('the panel', () => {
  it('is served with a policy that lets nothing foreign in', async () => {
    const { app } = await openApp({ panelDir: await builtPanel() });
    const page = await ask(app, null, 'GET', '/', undefined, { host: '192.168.1.5:8080' });
    expect(page.status).toBe(200);
    expect(page.text).toContain('<title>Panel</title>');
    expect(page.headers).toMatchObject({
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("connect-src 'self' ws://192.168.1.5:8080 wss://192.168.1.5:8080");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|upgrade-insecure|\*/);
    expect(page.headers).not.toHaveProperty('strict-transport-security');
  });

  it('takes nothing out of a strange Host into its policy', async () => {
    const { app } = await openApp({ panelDir: await builtPanel() });
    const page = await ask(app, null, 'GET', '/', undefined, { host: "x; script-src 'unsafe-inline'" });
    expect(page.status).toBe(200);
    expect(String(page.headers['content-security-policy'])).toMatch(/connect-src 'self' 'self';/);
    expect(String(page.headers['content-security-policy'])).not.toContain('unsafe');
  });

  it('lets browsers keep what has a hash in its name', async () => {
    const { app } = await openApp({ panelDir: await builtPanel() });
    const script = await ask(app, null, 'GET', '/assets/index-3f2a.js');
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(script.type).toMatch(/javascript/);
  });

  it('is sent once to a browser that has it, in parts to one that asks for a part, and not at all for HEAD', async () => {
    const { app } = await openApp({ panelDir: await builtPanel() });
    const url = '/assets/index-3f2a.js?v=1';
    const whole = await ask(app, null, 'GET', url);
    expect([whole.status, whole.text]).toEqual([200, 'export {};']);
    const again = await ask(app, null, 'GET', url, undefined, { 'if-none-match': String(whole.headers.etag) });
    expect([again.status, again.text]).toEqual([304, '']);
    const part = await ask(app, null, 'GET', url, undefined, { range: 'bytes=0-5' });
    expect([part.status, part.text]).toEqual([206, 'export']);
    const beyond = await ask(app, null, 'GET', url, undefined, { range: 'bytes=99-' });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */10']);
    const head = await ask(app, null, 'HEAD', url);
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', '10']);
  });

  it.each([
    '/nothing.js',
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/.env',
    '/assets/',
  ])('has no %s', async (url) => {
    const { app } = await openApp({ panelDir: await builtPanel() });
    const refused = await ask(app, null, 'GET', url);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.type).toMatch(/^application\/problem\+json/);
    expect(refused.text).not.toContain('not for the web');
  });

  it('says so when it was not built', async () => {
    const { app } = await openApp();
    const page = await ask(app, null, 'GET', '/');
    expect([page.status, page.type]).toEqual([503, 'text/html; charset=utf-8']);
    expect(page.text).toContain('npm run build');
    expect((await ask(app, null, 'GET', '/assets/index.js')).body).toMatchObject({ status: 404, code: 'not_found' });
  });
});

describe('the description of the API', () => {
  interface Description {
    readonly openapi: string;
    readonly paths: Record<
      string,
      Record<string, { responses: object; security?: unknown[]; requestBody?: object; description: string }>
    >;
    readonly components: { readonly schemas: Record<string, object> };
  }

  it('is OpenAPI 3.1 with every route of the contract', async () => {
    const { app } = await openApp();
    const { body } = await ask(app, 'viewer', 'GET', '/api/openapi.json');
    const { openapi, paths, components } = body as unknown as Description;
    expect(openapi).toBe('3.1.0');
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(routes.sort()).toEqual([
      'delete /api/appliances/{id}',
      'delete /api/tokens/{id}',
      'get /api/appliances',
      'get /api/appliances/{id}',
      'get /api/buses',
      'get /api/decisions',
      'get /api/discovered',
      'get /api/energy',
      'get /api/history',
      'get /api/live',
      'get /api/load',
      'get /api/locks',
      'get /api/locks/{resource}',
      'get /api/meters',
      'get /api/mqtt',
      'get /api/power',
      'get /api/replication',
      'get /api/session',
      'get /api/tokens',
      'get /health',
      'get /metrics',
      'get /ready',
      'patch /api/appliances/{id}',
      'post /api/appliances',
      'post /api/appliances/{id}/retire',
      'post /api/appliances/{id}/toggle',
      'post /api/auth/login',
      'post /api/auth/logout',
      'post /api/discovered/{id}/adopt',
      'post /api/locks/acquire',
      'post /api/locks/{resource}/acquire',
      'post /api/locks/{resource}/downgrade',
      'post /api/locks/{resource}/force-release',
      'post /api/locks/{resource}/release',
      'post /api/locks/{resource}/renew',
      'post /api/setup',
      'post /api/tokens',
    ]);
    expect(Object.keys(components.schemas).sort()).toEqual([
      'Appliance',
      'Circuit',
      'Decision',
      'Discovered',
      'EnergyTotal',
      'Load',
      'Lock',
      'LockChange',
      'LockVerb',
      'LockWaiter',
      'Meter',
      'PowerPoint',
      'Problem',
      'Resource',
    ]);
    const [acquire] = (components.schemas.LockVerb as { oneOf: { properties: object; required: string[] }[] }).oneOf;
    expect(acquire?.properties).toMatchObject({ verb: { const: 'acquire' }, wait_ms: { maximum: 3_600_000 } });
    expect(acquire?.required).not.toContain('wait_ms');
    expect(paths['/api/locks/{resource}/force-release']?.post?.description).toBe('Role: admin.');
    expect(paths['/api/appliances/{id}/toggle']?.post?.requestBody).toMatchObject({
      content: { 'application/json': { schema: { required: ['is_on'], additionalProperties: false } } },
    });
    expect(paths['/api/auth/login']?.post?.security).toEqual([]);
    expect(paths['/api/tokens']?.post?.description).toBe('Role: admin.');
  });

  it('leads nowhere that is not described', async () => {
    const { app } = await openApp();
    const { text, body } = await ask(app, 'viewer', 'GET', '/api/openapi.json');
    const { schemas } = (body as unknown as Description).components;
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name = '']) => name);
    expect(references).toContain('Problem');
    for (const name of references) expect(schemas).toHaveProperty(name);
  });

  it('is a page that needs no script', async () => {
    const { app } = await openApp();
    const page = await ask(app, 'viewer', 'GET', '/api/docs');
    expect(page.type).toMatch(/^text\/html/);
    expect(page.text).toContain('/api/appliances/{id}/toggle');
    expect(page.text).toContain('capacity_exceeded');
    expect(page.text).not.toMatch(/<script|style=|https?:/);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'self'/);
    expect((await ask(app, 'viewer', 'GET', '/api/docs.css')).type).toMatch(/^text\/css/);
    expect((await ask(app, null, 'GET', '/api/docs')).status).toBe(401);
  });
});

describe('what is answered', () => {
  it('is what the schemas say, field by field', async () => {
    const { app } = await openApp();
    const made = await addLoad(app, 'tv', 150);
    const on = await toggle(app, 'tv', true);
    await addLoad(app, 'big', 9000);
    const refused = await toggle(app, 'big', true);
    const get = async (url: string) => (await ask(app, 'admin', 'GET', url)).body;
    const pairs = [
      [wire.appliance, made.body],
      [wire.toggled, on.body],
      [wire.problem, refused.body],
      [wire.load, await get('/api/load')],
      [wire.applianceList, await get('/api/appliances')],
      [wire.meterList, await get('/api/meters')],
      [wire.busList, await get('/api/buses')],
      [wire.discoveredList, await get('/api/discovered')],
      [wire.broker, await get('/api/mqtt')],
      [wire.decisionList, await get('/api/decisions')],
      [wire.tokenList, await get('/api/tokens')],
      [wire.sessionNow, await get('/api/session')],
      [wire.health, await get('/health')],
      [wire.ready, await get('/ready')],
    ] as const;
    // Parsing drops what a schema does not name: equal means that nothing is missing and nothing is too much.
    for (const [schema, body] of pairs) expect(schema.parse(body)).toEqual(body);
  });
});
