import { describe, expect, it } from 'vitest';
import type { App } from '../../daemon/http/app-type.ts';
import { addLoad, ask, openApp, toggle } from './rig.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

async function raw(app: App, payload: string, headers: Record<string, string> = JSON_TYPE) {
  return ask(app, 'admin', 'POST', '/api/appliances', payload, headers);
}

describe('bad bodies', () => {
  const good = '"name":"Oven","wattage":';
  it.each([
    ['an unknown field', '{"name":"Oven","wattage":1,"wattags":2}', 400, 'wattags'],
    ['text for a boolean', '{"name":"Oven","wattage":1,"protected":"true"}', 400, 'protected'],
    ['an infinite number', `{${good}1e309}`, 400, 'wattage'],
    ['a negative number', `{${good}-1}`, 400, 'wattage'],
    ['zero', `{${good}0}`, 400, 'wattage'],
    ['four decimals', `{${good}5000.0001}`, 400, 'wattage'],
    ['a missing field', '{"name":"Oven"}', 400, 'wattage'],
    ['a nested fault', `{${good}1,"relay":{"bus":"main","channel":"1"}}`, 400, 'relay.channel'],
    ['an unknown nested field', `{${good}1,"relay":{"bus":"main","channel":1,"unit":1}}`, 400, 'relay.unit'],
    ['invalid JSON', '{"name":', 400, ''],
    ['NaN', `{${good}NaN}`, 400, ''],
    ['an array', '[]', 400, ''],
    ['null', 'null', 400, ''],
    ['no body', '', 400, ''],
    ['deep JSON', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 400, ''],
    ['__proto__', `{"__proto__":{"x":1},${good}1}`, 400, '__proto__'],
  ])('%s', async (_, payload, status, path) => {
    const { app, hub } = await openApp();
    const before = hub.seq();
    const refused = await raw(app, payload);
    expect(refused.type).toMatch(/^application\/problem\+json/);
    expect(refused.body).toMatchObject({ status, code: 'invalid_request', errors: [{ path }] });
    expect(refused.text).not.toMatch(/\bat .*:\d+:\d+|node_modules|daemon\//);
    expect(hub.seq()).toBe(before);
  });

  it('of another kind are 415', async () => {
    const { app } = await openApp();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'nonsense']) {
      expect((await raw(app, 'a=1', { 'content-type': type })).body).toMatchObject({
        status: 415,
        code: 'unsupported_media_type',
      });
    }
  });

  it('name at most twenty faults', async () => {
    const { app } = await openApp();
    const fields = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`field_${i}`, i]));
    const refused = await raw(app, JSON.stringify({ name: 'Oven', wattage: 1, ...fields }));
    expect(refused.body.errors).toHaveLength(20);
  });

  it.each(['"true"', '1', '0', 'null', '{}', '"on"'])('a toggle to %s changes nothing', async (value) => {
    const { app } = await openApp();
    await addLoad(app, 'tv', 150);
    const refused = await ask(app, 'operator', 'POST', '/api/appliances/tv/toggle', `{"is_on":${value}}`);
    expect(refused.body).toMatchObject({ status: 400, code: 'invalid_request', errors: [{ path: 'is_on' }] });
    expect((await ask(app, 'viewer', 'GET', '/api/load')).body.reserved_w).toBe(0);
  });
});

describe('bad addresses', () => {
  it.each([
    ['a slash in an id', '/api/appliances/a%2Fb', 400],
    ['a dot-dot id', '/api/appliances/..%2f..%2fetc%2fpasswd', 400],
    ['a control character', '/api/appliances/a%00b', 400],
    ['a line break', '/api/appliances/a%0d%0ab', 400],
    ['malformed percent-encoding', '/api/appliances/%zz', 400],
    ['broken UTF-8', '/api/appliances/%ff', 400],
    ['an id that is too long', `/api/appliances/${'a'.repeat(65)}`, 400],
    ['an id that is far too long', `/api/appliances/${'a'.repeat(5000)}`, 400],
    ['an id that nothing has', '/api/appliances/nothing', 404],
    ['the name of a method of objects', '/api/appliances/constructor', 404],
    ['no such route', '/api/nothing', 404],
    ['nothing at all', '/nothing', 404],
    ['a path out of the panel', '/../package.json', 404],
  ])('%s', async (_, url, status) => {
    const { app } = await openApp();
    const refused = await ask(app, 'admin', 'GET', url);
    expect(refused.type).toMatch(/^application\/problem\+json/);
    expect(refused.body).toMatchObject({ status, code: status === 404 ? 'not_found' : 'invalid_request' });
  });

  it.each([
    'after=-1',
    'after=x',
    'after=1.5',
    'after=1e3',
    'after=1&after=2',
    'limit=0',
    'limit=1001',
    'limit=',
    'page=1',
  ])('decisions?%s', async (query) => {
    const { app } = await openApp();
    expect((await ask(app, 'viewer', 'GET', `/api/decisions?${query}`)).body).toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
  });

  it.each([
    ['empty', ''],
    ['too long', 'k'.repeat(201)],
    ['not ASCII', 'schlüssel'],
    ['with a tab', 'a\tb'],
  ])('an idempotency key that is %s', async (_, key) => {
    const { app } = await openApp();
    await addLoad(app, 'tv', 150);
    expect((await toggle(app, 'tv', true, { 'idempotency-key': key })).body).toMatchObject({
      status: 400,
      errors: [{ path: 'idempotency-key' }],
    });
  });
});

describe('a fault of the hub itself', () => {
  it('is told without its stack, which goes to the log', async () => {
    const { app, hub, log } = await openApp();
    hub.load = () => {
      throw new Error('secret inner life');
    };
    const broken = await ask(app, 'viewer', 'GET', '/api/load');
    expect(broken.body).toMatchObject({ status: 500, code: 'internal' });
    expect(broken.text).not.toMatch(/inner life|\.ts/);
    expect(log.lines.join()).toMatch(/inner life[\s\S]*\.ts:/);
    expect(log.lines.join()).not.toContain('vs_');
  });
});
