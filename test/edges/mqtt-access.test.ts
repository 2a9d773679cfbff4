import { randomBytes } from 'node:crypto';
import { connectAsync, type IClientOptions } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestClient } from '../broker/client.ts';
import { Asker } from './mqtt-asker.ts';
import { PlugHouse } from './mqtt-house.ts';
import { voltsafe } from './program.ts';
import { PATIENTLY } from './rig.ts';

const SET = 'voltsafe/home/appliance/kettle/set';
let home: PlugHouse;

beforeAll(async () => {
  home = await PlugHouse.open({
    twins: ['tasmota:kettle', 'shelly-gen2:boiler'],
    users: { 'home-assistant': 'integration', tablet: 'viewer', burglar: 'device' },
  });
  await home.adopt('tasmota', 'kettle', 2000);
  await home.adopt('shelly-gen2', 'boiler', 1500);
}, 60_000);
afterAll(() => home?.remove());

/** As a stranger in the LAN would try it. */
function knock(options: IClientOptions): Promise<unknown> {
  return connectAsync(home.url, { reconnectPeriod: 0, clientId: randomBytes(4).toString('hex'), ...options }, false);
}

/** Says it, and then something that is allowed: what came before it has been dealt with. */
async function says(client: TestClient, name: string, topic: string, payload: string, retain = false): Promise<void> {
  await client.say(topic, payload, retain).catch(() => undefined);
  if (client.mqtt.connected) await client.say(`stat/${name}/DONE`, '1').catch(() => undefined);
}

/** Everything that the hub says or is told, and nothing of what these tests are about. */
async function moves(): Promise<unknown> {
  return Promise.all(['kettle', 'boiler'].map((name) => home.plug(name).log()));
}

describe('strangers in the LAN, with real clients', { timeout: 60_000 }, () => {
  it.each<[string, IClientOptions]>([
    ['nobody', {}],
    ['a name without a password', { username: 'home-assistant' }],
    ['a wrong password', { username: 'home-assistant', password: 'home-assistant' }],
    ['what others ship with', { username: 'admin', password: 'admin' }],
    ['the password of somebody else', { username: 'home-assistant', password: 'of tablet' }],
  ])('%s is not let in', async (_, options) => {
    const password = options.password === 'of tablet' ? { password: home.passwords.tablet ?? '' } : {};
    await expect(knock({ ...options, ...password })).rejects.toThrow(/not authori[sz]ed|bad user/i);
  });

  it('a device neither speaks for another, nor for the hub, nor commands anybody', async () => {
    const before = await moves();
    const forged: readonly (readonly [string, string, boolean?])[] = [
      ['stat/kettle/POWER', 'ON'],
      ['stat/kettle/RESULT', '{"POWER":"ON"}', true],
      ['tele/kettle/LWT', 'Offline', true],
      ['boiler/online', 'false', true],
      ['cmnd/kettle/POWER', 'ON'],
      ['cmnd/burglar/POWER', 'ON', true],
      ['boiler/rpc', '{"id":1,"src":"x","method":"Switch.Set","params":{"id":0,"on":true}}'],
      ['boiler/command/switch:0', 'on'],
      [SET, 'ON'],
      ['voltsafe/home/appliance/kettle/state', '{"is_on":true}', true],
      ['voltsafe/home/appliance/kettle/result', '{"accepted":true}'],
      ['voltsafe/home/status', 'offline', true],
      ['voltsafe/home/load', '{}', true],
    ];
    const watcher = await (await home.client('home-assistant')).listen('voltsafe/home/#');
    const { length: decided } = await home.api.decisions();
    for (const [topic, payload, retain] of forged) {
      const burglar = await home.client('burglar');
      await says(burglar, 'burglar', topic, payload, retain);
      await burglar.mqtt.endAsync(true);
    }
    // The hub has heard all of it by the time that it answers somebody who may ask.
    const asker = await Asker.of('home-assistant', await home.client('home-assistant'));
    expect((await asker.set('kettle', false)).results.at(-1)).toMatchObject({ phase: 'confirmed' });
    expect(await moves()).toEqual(before);
    expect((await home.api.decisions()).slice(decided).map(({ actor }) => actor)).toEqual(['home-assistant']);
    expect(await home.api.appliance('kettle')).toMatchObject({ relay_state: 'off', is_on: false });
    expect(await home.api.appliance('boiler')).toMatchObject({ relay_state: 'off', is_on: false });
    expect(watcher.on('voltsafe/home/status').filter(({ payload }) => payload !== 'online')).toEqual([]);
    expect(watcher.heard.filter(({ payload }) => payload === '{}' || payload === '{"is_on":true}')).toEqual([]);
  });

  it('nor does it listen to the house', async () => {
    for (const filter of ['#', '+/#', 'voltsafe/#', 'cmnd/kettle/#', 'stat/kettle/#', '$SYS/#']) {
      const burglar = await home.client('burglar');
      await burglar.listen(filter).catch(() => undefined);
      await home.plug('kettle').report();
      await says(burglar, 'burglar', 'stat/burglar/X', '1');
      expect(
        burglar.heard.filter(({ topic }) => !topic.includes('burglar')),
        filter,
      ).toEqual([]);
      await burglar.mqtt.endAsync(true);
    }
  });

  it('an integration asks the hub, and nobody else', async () => {
    const before = await moves();
    for (const [topic, payload] of [
      ['cmnd/kettle/POWER', 'ON'],
      ['boiler/command/switch:0', 'on'],
      ['stat/kettle/POWER', 'ON'],
      ['voltsafe/home/appliance/kettle/state', '{"is_on":true}'],
      ['voltsafe/home/appliance/kettle/result', '{"accepted":true}'],
      ['voltsafe/home/status', 'offline'],
    ] as const) {
      const client = await home.client('home-assistant');
      await says(client, 'home-assistant', topic, payload);
      await client.mqtt.endAsync(true);
    }
    expect(await moves()).toEqual(before);
    const asker = await Asker.of('home-assistant', await home.client('home-assistant'));
    expect((await asker.set('kettle', true)).results).toMatchObject([{ phase: 'decided' }, { phase: 'confirmed' }]);
    expect(await home.plug('kettle').closed()).toEqual([1]);
    expect((await asker.set('kettle', false)).results.at(-1)).toMatchObject({ phase: 'confirmed' });
  });

  it('an integration switches under a lock that a token took for it, by its fencing token; nobody else does', async () => {
    const words = ['--role', 'operator', '--name', 'locks of HA', '--mqtt-user', 'home-assistant'];
    const { code, out, err } = await voltsafe('token', 'create', ...words, '--config', home.house.configFile);
    expect(code, err).toBe(0);
    const body = { mode: 'exclusive', ttl_ms: 60_000 };
    const acquired = await home.house
      .clientOf(out.trim())
      .ask('/api/locks/appliance:kettle/acquire', { method: 'POST', body });
    expect(acquired.status).toBe(200);
    const { fencing_token } = (acquired.body as { lock: { fencing_token: number } }).lock;
    const asker = await Asker.of('home-assistant', await home.client('home-assistant'));
    const told = async (more: object) => (await asker.set('kettle', true, 1, more)).results;
    expect(await told({})).toMatchObject([{ accepted: false, code: 'locked' }]);
    expect(await told({ fencing_token: fencing_token + 1 })).toMatchObject([{ accepted: false, code: 'locked' }]);
    expect(await told({ fencing_token })).toMatchObject([{ phase: 'decided' }, { phase: 'confirmed', accepted: true }]);
    const byAdmin = { method: 'POST', body: { is_on: false }, headers: { 'x-fencing-token': `${fencing_token}` } };
    expect((await home.api.ask('/api/appliances/kettle/toggle', byAdmin)).status).toBe(423);
    expect((await asker.set('kettle', false, 1, { fencing_token })).results.at(-1)).toMatchObject({
      phase: 'confirmed',
    });
    const ended = { method: 'POST', body: { reason: 'done' } };
    expect((await home.api.ask('/api/locks/appliance:kettle/force-release', ended)).status).toBe(200);
  });

  it('a viewer sees and does not switch', async () => {
    const before = await moves();
    const tablet = await (await home.client('tablet')).listen('voltsafe/home/#');
    await tablet.until(() => tablet.json('voltsafe/home/appliance/kettle/state').at(-1)?.is_on === false);
    const { length: decided } = await home.api.decisions();
    await tablet.say(SET, 'ON').catch(() => undefined);
    await tablet.mqtt.endAsync(true);
    const asker = await Asker.of('home-assistant', await home.client('home-assistant'));
    await asker.set('boiler', false);
    expect(await moves()).toEqual(before);
    expect((await home.api.decisions()).slice(decided).map(({ actor }) => actor)).toEqual(['home-assistant']);
  });

  it('a user made while the hub runs is let in; removed, it is out at once and does not come back', async () => {
    const words = ['--name', 'guest', '--config', home.house.configFile];
    const { code, out } = await voltsafe('mqtt-user', 'add', '--role', 'integration', ...words);
    expect(code).toBe(0);
    const credentials = { username: 'guest', password: out.trim() };
    const guest = await home.client('guest', credentials);
    const removed = await voltsafe('mqtt-user', 'remove', 'guest', '--config', home.house.configFile);
    expect(removed.code, removed.err).toBe(0);
    await expect.poll(() => guest.mqtt.connected, PATIENTLY).toBe(false);
    await expect(knock(credentials)).rejects.toThrow(/not authori[sz]ed|bad user/i);
    expect((await home.api.get<{ up: boolean }>('/api/mqtt')).up).toBe(true);
  });
});
