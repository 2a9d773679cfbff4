import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync, type IClientOptions } from 'mqtt';
import { onTestFinished, vi } from 'vitest';
import { askControl } from '../../daemon/cli/control-client.ts';
import type { MqttRole } from '../../daemon/core/model.ts';
import { hashSecret } from '../../daemon/http/secrets.ts';
import { TestClient } from '../broker/client.ts';
import { freePort, type Mosquitto, PASSWORDS } from '../broker/mosquitto.ts';
import type { Appliance } from './client.ts';
import { Fleet, type PlugTruth } from './mqtt-fleet.ts';
import { type House, type HouseOptions, openHouse, PATIENTLY } from './rig.ts';

export interface PlugHouseOptions extends Pick<HouseOptions, 'limits' | 'plugs' | 'circuits'> {
  /** `family:name:channels:watts`; each is a user of the broker. */
  readonly twins: readonly string[];
  /** More users of the hub's own broker. */
  readonly users?: Readonly<Record<string, MqttRole>>;
  /** A board beside the plugs, on the same clock; with these wall switches. */
  readonly board?: { readonly inputs: Readonly<Record<number, object>> };
  /** Somebody else's broker; there all plugs are one user, as in many homes. */
  readonly mosquitto?: Mosquitto;
}

interface Discovered {
  readonly devices: readonly { readonly id: string; readonly driver: string; readonly adopted: boolean }[];
}

const BOARD = 'wall';

/** A house with plugs: a hub, a broker (its own, or Mosquitto), and simulated plugs whose truth is known. */
export class PlugHouse {
  readonly house: House;
  readonly url: string;
  readonly passwords: Readonly<Record<string, string>>;
  readonly boardLink: string;
  readonly #options: PlugHouseOptions;
  readonly #mqtt: Readonly<Record<string, unknown>>;
  #fleet: Fleet | null = null;

  private constructor(house: House, port: number, options: PlugHouseOptions) {
    const { mosquitto, twins, users = {} } = options;
    this.house = house;
    this.#options = options;
    this.boardLink = house.linkOf(BOARD);
    this.url = mosquitto?.url ?? `mqtt://127.0.0.1:${port}`;
    const names = [...twins.map((twin) => twin.split(':')[1] ?? ''), ...Object.keys(users)];
    const own = Object.fromEntries(names.map((name) => [name, randomBytes(12).toString('hex')]));
    this.passwords = mosquitto === undefined ? own : PASSWORDS;
    this.#mqtt = mosquitto === undefined ? { mode: 'embedded', host: '127.0.0.1', port } : this.#externalOf(mosquitto);
  }

  /** A hub that runs, and plugs that are connected: found, and not adopted. */
  static async open(options: PlugHouseOptions): Promise<PlugHouse> {
    const self = new PlugHouse(await openHouse({ buses: {} }), await freePort(), options);
    try {
      await self.#start();
    } catch (error) {
      await self.remove();
      throw error;
    }
    return self;
  }

  get fleet(): Fleet {
    if (this.#fleet === null) throw new Error('no plugs were started');
    return this.#fleet;
  }

  get api() {
    return this.house.api;
  }

  plug(name: string): PlugTruth {
    return this.fleet.plug(name);
  }

  /** Writes the configuration that the next hub reads. */
  configure(limits = this.#options.limits ?? {}): void {
    const { board, plugs = [], circuits = [] } = this.#options;
    const buses = board === undefined ? {} : { [BOARD]: { path: this.boardLink, inputs: board.inputs } };
    this.house.configure({ limits, circuits, buses, plugs, mqtt: this.#mqtt });
  }

  /** What `voltsafe mqtt-user add` asks of a running hub. */
  async addUser(name: string, role: MqttRole, password = this.passwords[name] ?? ''): Promise<void> {
    const asked = { name, role, topics: [], secretHash: hashSecret(password) };
    if ((await askControl(this.house.dataDir, 'mqtt_user.add', asked)) === null) throw new Error('no hub runs');
  }

  /** The device of a family that was found, once it is. */
  async found(driver: string): Promise<string> {
    const look = async () => {
      const { devices } = await this.api.get<Discovered>('/api/discovered');
      const id = devices.find((device) => device.driver === driver)?.id;
      if (id === undefined) throw new Error(`no ${driver} among ${JSON.stringify(devices)}`);
      return id;
    };
    return vi.waitFor(look, PATIENTLY);
  }

  /** A channel of the only plug of a family becomes an appliance, as a person does it over HTTP; waits until it is known. */
  async adopt(driver: string, id: string, wattage: number, channel = 1): Promise<void> {
    const device = await this.found(driver);
    await this.api.post(`/api/discovered/${device}/adopt`, { id, name: id, wattage, channel });
    await this.becomes(id, { relay_state: 'off' });
  }

  async becomes(id: string, expected: Partial<Appliance>): Promise<void> {
    await vi.waitFor(async () => {
      const now = await this.api.appliance(id);
      const wrong = Object.entries(expected).filter(([member, value]) => now[member as keyof Appliance] !== value);
      if (wrong.length > 0)
        throw new Error(`${JSON.stringify(Object.fromEntries(wrong))} expected: ${JSON.stringify(now)}`);
    }, PATIENTLY);
  }

  /** Somebody on the broker; rejects when it is not let in. */
  async client(name: string, options: IClientOptions = {}): Promise<TestClient> {
    const own = {
      username: name,
      password: this.passwords[name] ?? '',
      clientId: `${name}-${randomBytes(4).toString('hex')}`,
    };
    const mqtt = await connectAsync(this.url, { reconnectPeriod: 0, ...own, ...options }, false);
    onTestFinished(() => mqtt.endAsync(true));
    return new TestClient(mqtt);
  }

  async remove(): Promise<void> {
    await this.#fleet?.remove();
    await this.house.remove();
  }

  async #start(): Promise<void> {
    const { twins, users = {}, mosquitto, board } = this.#options;
    const startFleet = async () => {
      this.#fleet = await Fleet.start({
        plugs: twins,
        broker: this.url,
        passwords: this.passwords,
        passwordFile: join(this.house.folder, 'passwords'),
        ...(mosquitto === undefined ? {} : { user: 'voltsafe' }),
        ...(board === undefined ? {} : { boardLink: this.boardLink }),
      });
    };
    this.configure();
    this.house.launch();
    const api = await this.house.greeted();
    if (mosquitto === undefined) {
      const devices = twins.map((twin) => twin.split(':')[1] ?? '');
      for (const name of devices) await this.addUser(name, 'device');
      for (const [name, role] of Object.entries(users)) await this.addUser(name, role);
    }
    await startFleet();
    await vi.waitFor(() => api.get('/ready'), PATIENTLY);
    await vi.waitFor(async () => {
      const connected = await this.fleet.connected();
      if (connected.length < twins.length) throw new Error(`connected are only ${connected}`);
    }, PATIENTLY);
  }

  #externalOf({ url }: Mosquitto) {
    const password_file = join(this.house.folder, 'hub-password');
    writeFileSync(password_file, PASSWORDS.voltsafe, { mode: 0o600 });
    return { mode: 'external', url, username: 'voltsafe', password_file };
  }
}

/** A house for one test. */
export async function plugHouse(options: PlugHouseOptions): Promise<PlugHouse> {
  const made = await PlugHouse.open(options);
  onTestFinished(() => made.remove());
  return made;
}
