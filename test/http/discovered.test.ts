import { describe, expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import type { Role } from '../../daemon/core/model.ts';
import type { App } from '../../daemon/http/app-type.ts';
import { HTTP_LIMITS } from '../../daemon/http/limits.ts';
import type { HubPort } from '../../daemon/http/port.ts';
import { broker, discoveredList, liveMessage } from '../../daemon/http/wire.ts';
import { plugSettings } from '../../relay-drivers/plug-registry.ts';
import type { FoundPlug } from '../../relay-drivers/plugs/protocol.ts';
import { FoundPlugs, nothingAnswers, plug } from './found-plugs.ts';
import { addLoad, ask, bearer, openApp, openServer } from './rig.ts';

async function opened(...plugs: FoundPlug[]) {
  const finds = new FoundPlugs(...plugs);
  const house = await openApp({ finds });
  nothingAnswers(house);
  return { ...house, finds };
}

const adopt = (app: App, id: string, body: object = {}, role: Role | null = 'admin') =>
  ask(app, role, 'POST', `/api/discovered/${id}/adopt`, { wattage: 60, ...body });

async function devices(app: App) {
  return discoveredList.parse((await ask(app, 'viewer', 'GET', '/api/discovered')).body).devices;
}

const STRIP = plug('strip', { name: 'Strip', channels: [{ name: 'Screen' }, { name: null }], measuresPower: false });

describe('GET /api/discovered', () => {
  it('is for those who may look', async () => {
    const { app } = await opened();
    expect((await ask(app, 'viewer', 'GET', '/api/discovered')).body).toEqual({ devices: [] });
    expect((await ask(app, null, 'GET', '/api/discovered')).status).toBe(401);
  });

  it('says what each is, and what of it is free', async () => {
    const { app } = await opened(plug('desk-twin'), STRIP);
    await adopt(app, 'strip', { channel: 2, id: 'fan' });
    const channel = { channel: 1, name: null, appliance: null };
    const desk = { id: 'desk-twin', driver: 'tasmota', name: 'Desk', model: 'Plug S', channels: [channel] };
    const strip = [
      { channel: 1, name: 'Screen', appliance: null },
      { channel: 2, name: null, appliance: 'fan' },
    ];
    expect(await devices(app)).toEqual([
      { ...desk, measures_power: true, adopted: false, simulated: true },
      { ...desk, id: 'strip', name: 'Strip', channels: strip, measures_power: false, adopted: true, simulated: false },
    ]);
  });

  it('tells plain text only, whatever a device calls itself', async () => {
    const names = ['\u202eevil\u0007', '  \u0000 ', 'x'.repeat(500), `${'x'.repeat(89)}😀`, '\ud800'];
    const { app } = await opened(...names.map((name, i) => plug(`p${i}`, { name, model: name, channels: [{ name }] })));
    const told = await devices(app);
    expect(told.map(({ name }) => name)).toEqual(['evil', 'p1', 'x'.repeat(90), expect.any(String), '\ufffd']);
    expect(told[1]).toMatchObject({ model: null, channels: [{ name: null }] });
    for (const { id } of told) expect((await adopt(app, id)).status).toBe(201);
  });

  it('has nothing that bears the id of a bus of the configuration, or has no relay', async () => {
    const { app } = await opened(plug('main'), plug('sensor', { channels: [] }));
    expect(await devices(app)).toEqual([]);
    expect((await adopt(app, 'main')).status).toBe(404);
    expect((await adopt(app, 'sensor')).status).toBe(404);
  });

  it('has nothing that is a device of ours already, under another id', async () => {
    const settings = { topic: 'kettle' };
    const two = { channels: [{ name: null }, { name: null }], settings: { ...settings, channels: 2 } };
    const finds = new FoundPlugs(plug('a', { settings }), plug('b', two), plug('c'));
    const configured = [plugSettings.parse({ id: 'mine', driver: 'tasmota', topic: 'c' })];
    const house = await openApp({ finds, configured });
    nothingAnswers(house);
    expect((await devices(house.app)).map(({ id }) => id)).toEqual(['a', 'b']);
    expect((await adopt(house.app, 'c')).status).toBe(404);
    await adopt(house.app, 'a');
    expect((await devices(house.app)).map(({ id }) => id)).toEqual(['a']);
    expect((await adopt(house.app, 'b', { channel: 2 })).status).toBe(404);
  });

  it('says what an adopted one was adopted as, whatever is found later under its id', async () => {
    const { app, finds, hub } = await opened(plug('desk'));
    await adopt(app, 'desk');
    const grown = { driver: 'esphome', channels: [{ name: null }, { name: null }], settings: { topic: 'other' } };
    finds.become(plug('desk', grown));
    expect(await devices(app)).toMatchObject([{ driver: 'tasmota', channels: [{ appliance: 'desk' }] }]);
    expect(hub.adoptable('desk')).toMatchObject({ channels: 1, settings: { topic: 'desk' } });
    expect((await adopt(app, 'desk', { channel: 2 })).status).toBe(400);
  });
});

describe('POST /api/discovered/:id/adopt', () => {
  it('is for admins', async () => {
    const { app, hub } = await opened(plug('desk'));
    const before = hub.seq();
    expect((await adopt(app, 'desk', {}, null)).status).toBe(401);
    for (const role of ['viewer', 'operator'] as const)
      expect((await adopt(app, 'desk', {}, role)).body).toMatchObject({ status: 403, code: 'forbidden' });
    expect(hub.seq()).toBe(before);
  });

  it('makes an appliance of it, as POST /api/appliances does', async () => {
    const { app } = await opened(plug('desk'));
    const body = { name: 'Küche, Ofen', room: 'Kitchen', icon: 'oven', wattage: '2400.5', circuit: 'kitchen' };
    const more = { priority: 7, protected: true, on_power_loss: 'restore' };
    const made = await adopt(app, 'desk', { ...body, ...more });
    expect(made).toMatchObject({ status: 201, headers: { location: '/api/appliances/kuche-ofen' } });
    const relay = { bus: 'desk', channel: 1 };
    expect(made.body).toMatchObject({ id: 'kuche-ofen', ...body, wattage: 2400.5, ...more, relay });
    expect((await ask(app, 'viewer', 'GET', '/api/appliances/kuche-ofen')).body).toEqual(made.body);
  });

  it('stands in the audit trail with who did it', async () => {
    const { app, hub } = await opened(plug('desk'));
    const before = hub.seq();
    await adopt(app, 'desk', { name: 'Lamp' });
    const { body } = await ask(app, 'viewer', 'GET', `/api/decisions?after=${before}`);
    const who = { source: 'http', actor: 'the admin', outcome: 'recorded' };
    expect(body.decisions).toMatchObject([
      { kind: 'device_adopted', ...who, reason: 'tasmota desk' },
      { kind: 'appliance_added', ...who, appliance: 'lamp', reason: 'Lamp, 60 W' },
      { kind: 'observed', source: 'hub', appliance: 'lamp' },
    ]);
  });

  it('calls it what the device does, unless told otherwise', async () => {
    const { app } = await opened(plug('desk'), STRIP);
    const names = [await adopt(app, 'desk'), await adopt(app, 'strip'), await adopt(app, 'strip', { channel: 2 })];
    expect(names.map(({ body }) => [body.id, body.name])).toEqual([
      ['desk', 'Desk'],
      ['screen', 'Screen'],
      ['strip-2', 'Strip 2'],
    ]);
  });

  it('finds another id where the name is taken, and says so where the id is', async () => {
    const { app } = await opened(plug('a'), plug('b'));
    await addLoad(app, 'desk', 10);
    expect((await adopt(app, 'a')).body).toMatchObject({ id: 'desk-2' });
    expect((await adopt(app, 'b', { id: 'desk' })).body).toMatchObject({ status: 409, code: 'conflict' });
  });

  it.each([
    ['no watts', { wattage: undefined }, 'wattage'],
    ['no watts at all', { wattage: 0 }, 'wattage'],
    ['an unknown field', { relay: { bus: 'main', channel: 1 } }, 'relay'],
    ['a channel it has not', { channel: 3 }, 'channel'],
    ['channel 0', { channel: 0 }, 'channel'],
    ['half a channel', { channel: 1.5 }, 'channel'],
    ['an empty name', { name: ' ' }, 'name'],
    ['a circuit that is not there', { circuit: 'attic' }, ''],
  ])('refuses %s', async (_, body, path) => {
    const { app, hub } = await opened(STRIP);
    const refused = await adopt(app, 'strip', body);
    expect(refused.body).toMatchObject({ status: 400, code: 'invalid_request', errors: [{ path }] });
    expect(hub.adoptable('strip')).not.toBeNull();
    expect((await ask(app, 'viewer', 'GET', '/api/appliances')).body).toEqual({ appliances: [] });
  });

  it('refuses a channel that has an appliance', async () => {
    const { app } = await opened(plug('desk'));
    await adopt(app, 'desk');
    expect((await adopt(app, 'desk', { name: 'Other' })).body).toMatchObject({
      status: 409,
      code: 'conflict',
      detail: expect.stringContaining('"desk"'),
    });
  });

  it('of two at once, one gets the channel', async () => {
    const { app } = await opened(plug('desk'));
    const both = await Promise.all([adopt(app, 'desk'), adopt(app, 'desk')]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it('does not know what is not found any more', async () => {
    const { app, finds } = await opened(plug('desk'));
    finds.become();
    expect((await adopt(app, 'desk')).body).toMatchObject({ status: 404, code: 'not_found' });
    expect((await adopt(app, '..%2f')).status).toBe(400);
  });

  it('is free again once its appliance is gone', async () => {
    const { app, hub } = await opened(plug('desk'));
    await adopt(app, 'desk');
    const retired = await ask(app, 'admin', 'POST', '/api/appliances/desk/retire', { reason: 'sold' });
    expect(retired.status).toBe(200);
    expect((await ask(app, 'admin', 'DELETE', '/api/appliances/desk')).status).toBe(204);
    expect(await devices(app)).toMatchObject([{ adopted: false, channels: [{ appliance: null }] }]);
    expect((await hub.decisions(0, 1000)).at(-1)).toMatchObject({ kind: 'device_forgotten', reason: 'desk' });
  });
});

describe('GET /api/mqtt', () => {
  it('says that there is no broker', async () => {
    const { app } = await opened();
    expect((await ask(app, 'viewer', 'GET', '/api/mqtt')).body).toMatchObject({ mode: 'off', up: false, url: null });
    expect((await ask(app, null, 'GET', '/api/mqtt')).status).toBe(401);
  });

  it('says how it is', async () => {
    const [url, reason, advice] = ['mqtts://broker.lan:8883', 'it refuses the password', 'renew the password file'];
    const view = { mode: 'external', url, up: false, reason, advice, clients: null } as const;
    const { app } = await openApp({ mqtt: () => view });
    const { body } = await ask(app, 'viewer', 'GET', '/api/mqtt');
    expect(body).toEqual(view);
    expect(broker.parse(body)).toEqual(body);
  });
});

describe('the live feed tells of found devices', () => {
  function listen(url: string) {
    const told: ReturnType<typeof liveMessage.parse>[] = [];
    const socket = new WebSocket(url, { headers: bearer('viewer') });
    socket.on('message', (bytes) => told.push(liveMessage.parse(JSON.parse(String(bytes)))));
    onTestFinished(() => socket.terminate());
    return told;
  }

  async function listening(query: (hub: HubPort) => string = () => '') {
    const finds = new FoundPlugs(plug('desk'));
    const house = await openServer({ finds });
    const { server, hub } = house;
    nothingAnswers(house);
    const again = () => listen(`${server.url.replace('http', 'ws')}/api/live${query(hub)}`);
    const told = again();
    await expect.poll(() => told.length).toBeGreaterThan(0);
    const lists = () => told.flatMap((one) => (one.type === 'discovered' ? [one.devices.map(({ id }) => id)] : []));
    return { ...house, finds, told, lists, again };
  }

  it('in the snapshot, and then the whole list, at most once a second, the newest last', async () => {
    const { finds, told, lists, clock } = await listening();
    expect(told[0]).toMatchObject({ type: 'snapshot', discovered: [{ id: 'desk' }] });
    for (let i = 1; i <= 50; i++) finds.become(...Array.from({ length: i }, (_, n) => plug(`p${n}`)));
    await expect.poll(lists).toEqual([['p0']]);
    await clock.advance(HTTP_LIMITS.liveDiscoveredMs);
    await expect.poll(() => lists().map(({ length }) => length)).toEqual([1, 50]);
    await clock.advance(HTTP_LIMITS.liveDiscoveredMs);
    finds.become();
    await expect.poll(() => lists().at(-1)).toEqual([]);
    expect(told.at(-1)).not.toHaveProperty('seq');
  });

  it('when one is adopted', async () => {
    const { told, server } = await listening();
    const headers = { ...bearer('admin'), 'content-type': 'application/json' };
    const body = JSON.stringify({ wattage: 60, name: 'Lamp' });
    const made = await fetch(`${server.url}/api/discovered/desk/adopt`, { method: 'POST', headers, body });
    expect(made.status).toBe(201);
    const adopted = { type: 'discovered', devices: [{ adopted: true, channels: [{ appliance: 'lamp' }] }] };
    await expect.poll(() => told).toContainEqual(expect.objectContaining({ type: 'discovered' }));
    expect(told.findLast(({ type }) => type === 'discovered')).toMatchObject(adopted);
  });

  it('to who comes back', async () => {
    const { told, lists } = await listening((hub) => `?after=${hub.seq()}`);
    await expect.poll(() => told.at(-1)?.type).toBe('ping');
    expect(lists()).toEqual([['desk']]);
  });

  it('and a later snapshot knows of it', async () => {
    const { finds, again } = await listening();
    finds.become(plug('later'));
    const told = again();
    await expect.poll(() => told[0]).toMatchObject({ type: 'snapshot', discovered: [{ id: 'later' }] });
  });
});
