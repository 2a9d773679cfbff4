import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { askControl } from '../../daemon/cli/control-client.ts';
import { newPassword } from '../../daemon/cli/mqtt-user-add.ts';
import { hashSecret } from '../../daemon/http/secrets.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { Child } from './child.ts';
import { type Client, getRequest } from './client.ts';
import { clientOf } from './hub-child.ts';
import type { Login } from './mqtt-client.ts';
import type { Place } from './place.ts';

const BIN = fileURLToPath(new URL('../../daemon/voltsafe.js', import.meta.url));
const OPEN = /(http:\/\/[^/\s]+)\/#setup=/;
const BROKER = /MQTT broker\s+mqtts?:\/\/\S+:(\d+)/;
/** So many ask for something at once, so that commits are shared. */
const AT_ONCE = 8;
const FOUND_WITHIN_MS = 30_000;

export const HUB_ID = 'bench';

/** `voltsafe run` with the embedded broker; nothing in its configuration tells of a plug. */
export class MqttHub {
  readonly pid: number;
  readonly port: number;
  readonly #dataDir: string;
  readonly #client: Client;
  readonly #token: string;

  private constructor(child: Child, port: number, dataDir: string, client: Client, token: string) {
    this.pid = child.pid;
    this.port = port;
    this.#dataDir = dataDir;
    this.#client = client;
    this.#token = token;
  }

  static async start(place: Place): Promise<MqttHub> {
    // A compile cache of its own, filled by a first start: what strips types is some 20 MB.
    const env = { ...process.env, CACHE_DIRECTORY: undefined, XDG_CACHE_HOME: place.newFolder() };
    const first = run(place, env, newConfig(place, place.newFolder()), []);
    await first.said(BROKER);
    await first.end('SIGTERM');
    const dataDir = place.newFolder();
    const config = newConfig(place, dataDir);
    const child = run(place, env, config, profileFlags());
    // Else it would leave no profile.
    place.atEnd(() => child.end('SIGTERM'));
    const client = await clientOf(place, await child.said(OPEN));
    const port = Number(await child.said(BROKER));
    const words = ['token', 'create', '--role', 'admin', '--name', 'bench', '--config', config];
    const token = await new Child(place, [BIN, ...words]).said(/^(vs_\S+)$/m);
    return new MqttHub(child, port, dataDir, client, token);
  }

  async addUser(name: string, role: 'device' | 'integration', topics: readonly string[] = []): Promise<Login> {
    const password = newPassword();
    const user = { name, role, topics, secretHash: hashSecret(password) };
    if ((await askControl(this.#dataDir, 'mqtt_user.add', user)) === null) throw new Error('the hub is gone');
    return { port: this.port, user: name, password };
  }

  async addPlugs(names: readonly string[]): Promise<Login[]> {
    const logins: Login[] = [];
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const some = names.slice(from, from + AT_ONCE);
      logins.push(...(await Promise.all(some.map((name) => this.addUser(name, 'device')))));
    }
    return logins;
  }

  /** Each becomes an appliance of its own name. */
  async adopt(names: readonly string[], wattage: number): Promise<void> {
    const found = await this.#found(names);
    for (const [name, id] of found) {
      const request = postRequest(`/api/discovered/${id}/adopt`, { id: name, wattage }, this.#token);
      const { status, body } = await this.#client.ask(request);
      if (status !== 201) throw new Error(`${name} was not adopted: ${body}`);
    }
  }

  /** Every relay was read. */
  async untilKnown(): Promise<void> {
    while ((await this.#client.ask(getRequest('/ready', this.#token))).status !== 200) await pause(systemClock, 100);
  }

  /** By name, the ids under which they were found. */
  async #found(names: readonly string[]): Promise<Map<string, string>> {
    const untilMs = performance.now() + FOUND_WITHIN_MS;
    for (;;) {
      const { body } = await this.#client.ask(getRequest('/api/discovered', this.#token));
      const { devices } = JSON.parse(body) as { devices: { id: string; name: string; measures_power: boolean }[] };
      const ready = devices.filter((one) => names.includes(one.name) && one.measures_power);
      if (ready.length === names.length) return new Map(ready.map(({ name, id }) => [name, id]));
      if (performance.now() > untilMs) throw new Error(`${ready.length} of ${names.length} plugs were found`);
      await pause(systemClock, 100);
    }
  }
}

function run(place: Place, env: NodeJS.ProcessEnv, config: string, flags: readonly string[]): Child {
  return new Child(place, [...flags, BIN, 'run', '--config', config], env);
}

/** `MQTT_PROFILE` names a folder for a CPU profile of the hub. */
function profileFlags(): readonly string[] {
  const folder = process.env.MQTT_PROFILE;
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}

function newConfig(place: Place, dataDir: string): string {
  const file = join(place.newFolder(), 'house.yaml');
  const config = {
    hub: { id: HUB_ID, data_dir: dataDir },
    limits: { limit_w: 1_000_000 },
    http: { host: '127.0.0.1', port: 0 },
    mqtt: { mode: 'embedded', host: '127.0.0.1', port: 0 },
    log: { level: 'error' },
  };
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  return file;
}

function postRequest(path: string, said: object, token: string): Buffer {
  const body = JSON.stringify(said);
  const head = [`POST ${path} HTTP/1.1`, 'host: bench', `authorization: Bearer ${token}`];
  const about = ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`];
  return Buffer.from(`${[...head, ...about].join('\r\n')}\r\n\r\n${body}`);
}
