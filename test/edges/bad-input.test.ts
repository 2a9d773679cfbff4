import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client, Reply, Sent } from './client.ts';
import { type House, openHouse } from './rig.ts';

const MIB = 1024 * 1024;
/** What a stack trace or a path of this machine looks like. */
const TRACE = /\bat .+:\d+:\d+|node_modules|\.ts\b|\/work\/|Error:/;

let house: House;
let viewer: Client;
let operator: Client;

beforeAll(async () => {
  house = await openHouse();
  await house.start();
  await house.add('heater', 3000, 1);
  await house.add('lamp', 100);
  await house.api.toggle('heater', true);
  viewer = house.clientOf(await house.newToken('viewer', 'viewer'));
  operator = house.clientOf(await house.newToken('operator', 'operator'));
}, 60_000);

afterAll(() => house.remove());

/** Everything that a request could have changed. */
async function standing() {
  const { api, board } = house;
  return {
    appliances: await api.appliances(),
    load: await api.load(),
    tokens: await api.get('/api/tokens'),
    lastSeq: (await api.decisions()).at(-1)?.seq,
    moves: await board.log(),
  };
}

/** Sends it, and holds the refusal against the catalogue and the house against what it was. */
async function isRefused(who: Client, path: string, sent: Sent, status: number, code: string): Promise<Reply> {
  const before = await standing();
  const reply = await who.ask(path, sent);
  expect(reply.status, reply.text).toBe(status);
  expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
  const problem = { type: expect.any(String), title: expect.any(String), detail: expect.any(String), status, code };
  expect(reply.body).toMatchObject(problem);
  expect(reply.text).not.toMatch(TRACE);
  expect(await standing()).toEqual(before);
  return reply;
}

function appliance(changes: string): string {
  return `{"id":"new","name":"New","wattage":100${changes}}`;
}

describe('bad appliances', () => {
  const INVALID: readonly [name: string, body: string, path: string][] = [
    ['an unknown field', appliance(',"wattags":1'), 'wattags'],
    ['an unknown nested field', appliance(',"relay":{"bus":"main","channel":2,"unit":1}'), 'relay.unit'],
    ['text for a boolean', appliance(',"protected":"true"'), 'protected'],
    ['a number for a boolean', appliance(',"protected":1'), 'protected'],
    ['infinite watts', '{"name":"New","wattage":1e309}', 'wattage'],
    ['negative watts', '{"name":"New","wattage":-1}', 'wattage'],
    ['no watts', '{"name":"New","wattage":0}', 'wattage'],
    ['less than a milliwatt', '{"name":"New","wattage":5000.0001}', 'wattage'],
    ['too many watts', '{"name":"New","wattage":1000000.001}', 'wattage'],
    ['watts in words', '{"name":"New","wattage":"100 W"}', 'wattage'],
    ['watts in hex', '{"name":"New","wattage":"0x64"}', 'wattage'],
    ['null watts', '{"name":"New","wattage":null}', 'wattage'],
    ['an id with a slash', '{"id":"a/b","name":"New","wattage":1}', 'id'],
    ['an id that climbs', '{"id":"..","name":"New","wattage":1}', 'id'],
    ['an id with a control character', '{"id":"a\\u0000b","name":"New","wattage":1}', 'id'],
    ['a name with a line break', '{"name":"New\\nOven","wattage":1}', 'name'],
    ['an empty name', '{"name":"","wattage":1}', 'name'],
    ['no name', '{"wattage":1}', 'name'],
    ['a channel that is none', appliance(',"relay":{"bus":"main","channel":0}'), 'relay.channel'],
    ['__proto__', appliance(',"__proto__":{"role":"admin"}'), '__proto__'],
    ['not JSON', '{"name":', ''],
    ['NaN', '{"name":"New","wattage":NaN}', ''],
    ['an array', '[]', ''],
    ['nothing', '', ''],
    ['deep JSON', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, ''],
    ['deep JSON in a field', `{"name":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)},"wattage":1}`, ''],
  ];

  it.each(INVALID)('%s', async (_, body, path) => {
    const sent = { method: 'POST', body };
    const reply = await isRefused(house.api, '/api/appliances', sent, 400, 'invalid_request');
    expect(reply.body).toMatchObject({ errors: [{ path, message: expect.any(String) }] });
  });

  it('a body of 10 MB is 413, for this client and the next', async () => {
    const body = appliance(`,"room":"${'x'.repeat(10 * MIB)}"`);
    await isRefused(house.api, '/api/appliances', { method: 'POST', body }, 413, 'too_large');
    await isRefused(house.api, '/api/appliances/lamp/toggle', { method: 'POST', body }, 413, 'too_large');
  });

  it.each([
    ['another content type', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['headers without end', { 'x-long': 'x'.repeat(64 * 1024) }, 431, 'headers_too_large'],
  ])('%s', async (_, headers, status, code) => {
    await isRefused(house.api, '/api/appliances', { method: 'POST', body: appliance(''), headers }, status, code);
  });

  it('an id or a channel that is taken is a conflict', async () => {
    const taken = { name: 'Other', wattage: 1 };
    for (const body of [
      { ...taken, id: 'lamp' },
      { ...taken, relay: { bus: 'main', channel: 1 } },
    ])
      await isRefused(house.api, '/api/appliances', { method: 'POST', body }, 409, 'conflict');
  });

  it('what is on keeps its wattage, its relay and its place', async () => {
    const change = { method: 'PATCH', body: { wattage: 100 } };
    await isRefused(house.api, '/api/appliances/heater', change, 409, 'conflict');
    const rebind = { method: 'PATCH', body: { relay: { bus: 'main', channel: 2 } } };
    await isRefused(house.api, '/api/appliances/heater', rebind, 409, 'conflict');
    await isRefused(house.api, '/api/appliances/heater', { method: 'DELETE' }, 409, 'conflict');
  });
});

describe('bad toggles', () => {
  it.each(['"true"', '"on"', '1', '0', 'null', '{}', '[true]'])('is_on: %s', async (value) => {
    const sent = { method: 'POST', body: `{"is_on":${value}}` };
    const reply = await isRefused(operator, '/api/appliances/lamp/toggle', sent, 400, 'invalid_request');
    expect(reply.body).toMatchObject({ errors: [{ path: 'is_on' }] });
  });

  it.each(['{}', '{"is_on":true,"force":true}', '', 'true'])('%s', async (body) => {
    await isRefused(operator, '/api/appliances/lamp/toggle', { method: 'POST', body }, 400, 'invalid_request');
  });

  it.each([
    ['a slash', 'a%2Fb', 400],
    ['a climb', '..%2F..%2Fetc%2Fpasswd', 400],
    ['a control character', 'a%00b', 400],
    ['a line break', 'a%0D%0Ab', 400],
    ['broken percent-encoding', '%zz', 400],
    ['broken UTF-8', '%ff', 400],
    ['65 characters', 'a'.repeat(65), 400],
    ['a name that all objects have', 'constructor', 404],
    ['a name that nothing has', 'nothing', 404],
  ])('an id with %s', async (_, id, status) => {
    const code = status === 400 ? 'invalid_request' : 'not_found';
    const sent = { method: 'POST', body: { is_on: true } };
    await isRefused(operator, `/api/appliances/${id}/toggle`, sent, status, code);
  });
});

describe('bad questions', () => {
  it.each(['limit=0', 'limit=1001', 'limit=-1', 'limit=ten', 'after=-1', 'after=1e3', 'since=1', 'after=1&after=2'])(
    '/api/decisions?%s',
    async (query) => {
      await isRefused(viewer, `/api/decisions?${query}`, {}, 400, 'invalid_request');
    },
  );

  it('a route that is none', async () => {
    await isRefused(viewer, '/api/nothing', {}, 404, 'not_found');
  });
});

describe('callers without the right', () => {
  const ON: Sent = { method: 'POST', body: { is_on: true } };
  const NEW: Sent = { method: 'POST', body: { name: 'New', wattage: 1 } };

  it.each([
    ['no token', null],
    ['a wrong token', 'vs_wrong'],
    ['a token with something behind it', 'suffix'],
    ['a token that is far too long', 'x'.repeat(4000)],
  ])('%s', async (_, token) => {
    const nobody = house.clientOf(token === 'suffix' ? `${house.api.token}x` : token);
    for (const path of ['/api/load', '/api/appliances', '/api/decisions', '/api/tokens', '/api/openapi.json'])
      await isRefused(nobody, path, {}, 401, 'unauthorized');
    await isRefused(nobody, '/api/appliances/lamp/toggle', ON, 401, 'unauthorized');
    await isRefused(nobody, '/api/appliances', NEW, 401, 'unauthorized');
  });

  it('a viewer toggles nothing, an operator adds, changes and removes nothing', async () => {
    const toggle = '/api/appliances/lamp/toggle';
    await isRefused(viewer, toggle, ON, 403, 'forbidden');
    await isRefused(viewer, toggle, { method: 'POST', body: { is_on: false } }, 403, 'forbidden');
    for (const who of [viewer, operator]) {
      await isRefused(who, '/api/appliances', NEW, 403, 'forbidden');
      await isRefused(who, '/api/appliances/lamp', { method: 'PATCH', body: { name: 'Mine' } }, 403, 'forbidden');
      await isRefused(who, '/api/appliances/lamp', { method: 'DELETE' }, 403, 'forbidden');
      await isRefused(who, '/api/tokens', { method: 'POST', body: { name: 'me', role: 'admin' } }, 403, 'forbidden');
      await isRefused(who, '/api/tokens', {}, 403, 'forbidden');
    }
  });
});
