import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { connectClient, type TestClient } from './client.ts';
import { freePort } from './mosquitto.ts';
import { MOSQUITTO } from './setup.ts';

const ACCESS_LIST = fileURLToPath(new URL('../../config/mosquitto.acl', import.meta.url));
const USERS = ['voltsafe', 'home-assistant', 'zigbee2mqtt', 'plug1', 'stranger'];

/** What each user may say there, and what nobody hears when it does. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  'home-assistant': ['voltsafe/home/appliance/oven/set', 'homeassistant/status'],
  zigbee2mqtt: ['zigbee2mqtt/bridge/state', 'zigbee2mqtt/lamp'],
  plug1: [
    ...['tele/plug1/STATE', 'stat/plug1/RESULT', 'tasmota/discovery/0011AA/config', 'shellies/plug1/relay/0'],
    ...[
      'shellies/plug1/relay/0/power',
      'shellies/announce',
      'plug1/events/rpc',
      'plug1/hub/rpc',
      'plug1/status/switch:0',
    ],
    ...['plug1/online', 'plug1/switch/relay/state', 'plug1/status', 'esphome/discover/plug1'],
  ],
};
const MAY_NOT = [
  ...['voltsafe/home/status', 'voltsafe/home/load', 'voltsafe/home/appliance/oven/state'],
  ...['voltsafe/home/appliance/oven/result', 'homeassistant/device/voltsafe_home/config', 'cmnd/plug1/POWER'],
  ...['cmnd/other/POWER', 'shellies/plug1/relay/0/command', 'plug1/rpc', 'plug1/switch/relay/command'],
  ...['tele/other/STATE', 'other/events/rpc'],
];
/** Where those who may not ask try it, too. */
const SET = 'voltsafe/home/appliance/oven/set';

it('the access list that ships lets everybody say what is theirs, and nothing else', async () => {
  const connect = await openBroker();
  const hub = await (await connect('voltsafe')).listen('#');
  const expected: string[] = [];
  for (const name of USERS.slice(1)) {
    const client = await connect(name);
    const may = MAY[name] ?? [];
    const mayNot = name === 'home-assistant' ? MAY_NOT : [...MAY_NOT, SET];
    for (const topic of [...may, ...mayNot]) await client.say(topic, name);
    expected.push(...may.map((topic) => `${topic} ${name}`));
  }
  await hub.say('the end', 'voltsafe');
  await hub.until(() => hub.on('the end').length > 0);
  expect(hub.heard.slice(0, -1).map(({ topic, payload }) => `${topic} ${payload}`)).toEqual(expected);
});

it('the access list that ships lets everybody hear what is for them, and nothing else', async () => {
  const connect = await openBroker();
  const hub = await connect('voltsafe');
  const [assistant, plug, stranger] = await Promise.all(
    ['home-assistant', 'plug1', 'stranger'].map(async (name) => (await connect(name)).listen('#')),
  );
  const topics = [
    'voltsafe/home/load',
    'homeassistant/device/voltsafe_home/config',
    'cmnd/plug1/POWER',
    'cmnd/other/POWER',
  ];
  const calls = ['shellies/plug1/relay/0/command', 'plug1/rpc', 'plug1/switch/relay/command', 'plug1/command'];
  for (const topic of [...topics, ...calls, 'stat/stranger/x', 'cmnd/tasmotas/STATUS']) await hub.say(topic, 'x');
  await plug?.until(() => plug.on('cmnd/tasmotas/STATUS').length > 0);
  expect(heardBy(assistant)).toEqual([...topics.slice(0, 2), 'cmnd/tasmotas/STATUS']);
  expect(heardBy(plug)).toEqual(['cmnd/plug1/POWER', ...calls, 'cmnd/tasmotas/STATUS']);
  expect(heardBy(stranger)).toEqual(['cmnd/tasmotas/STATUS']);
});

function heardBy(client: TestClient | undefined): string[] {
  return client?.heard.map(({ topic }) => topic) ?? [];
}

/** A Mosquitto as its comments tell people to set it up. */
async function openBroker(): Promise<(name: string) => Promise<TestClient>> {
  const folder = mkdtempSync(join(tmpdir(), 'voltsafe-acl-'));
  const port = await freePort();
  const passwords = join(folder, 'passwords');
  writeFileSync(passwords, USERS.map((name) => `${name}:secret`).join('\n'), { mode: 0o600 });
  spawnSync('mosquitto_passwd', ['-U', passwords]);
  copyFileSync(ACCESS_LIST, join(folder, 'acl'));
  const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous false', `password_file ${passwords}`];
  const more = [`acl_file ${join(folder, 'acl')}`, 'set_tcp_nodelay true', `user ${userInfo().username}`];
  writeFileSync(join(folder, 'conf'), [...lines, ...more, ''].join('\n'));
  const broker = spawn(MOSQUITTO, ['-c', join(folder, 'conf')], { stdio: 'ignore' });
  onTestFinished(() => {
    broker.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `mqtt://127.0.0.1:${port}`;
  const connect = (username: string) => connectClient(url, { username, password: 'secret', reconnectPeriod: 0 });
  await vi.waitFor(async () => (await connect('stranger')).mqtt.endAsync(true), { timeout: 10_000, interval: 50 });
  return connect;
}
