import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished, vi } from 'vitest';
import { Board } from './board.ts';
import { type Appliance, Client } from './client.ts';
import { Program, voltsafe } from './program.ts';

/** What a wait for a condition may take on a machine with other things to do; no test passes or fails by being quick. */
export const PATIENTLY = { timeout: 20_000, interval: 20 } as const;

export interface HouseOptions {
  readonly limits?: Readonly<Record<string, number>>;
  readonly circuits?: readonly Readonly<Record<string, unknown>>[];
  /** Bus id -> what differs from eight channels at 9600 baud. `path` replaces the simulated board. */
  readonly buses?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** How MQTT is served; not at all unless said otherwise. */
  readonly mqtt?: Readonly<Record<string, unknown>>;
  /** Devices on MQTT that nobody has to adopt: entries of `buses`, as they are. */
  readonly plugs?: readonly Readonly<Record<string, unknown>>[];
  /** The Postgres that gets a copy; none unless said otherwise. */
  readonly replication?: Readonly<Record<string, unknown>>;
  /** Where the ledger lies; in the house's own folder unless said otherwise. */
  readonly dataDir?: string;
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'voltsafe-edges-'));
}

/** A folder that is gone when the test is over. */
export function scratch(): string {
  const made = folder();
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

interface FreshLedger {
  readonly dataDir: string;
  readonly token: string;
}

let fresh: Promise<FreshLedger> | null = null;

afterAll(async () => {
  const made = await fresh?.catch(() => null);
  if (made) rmSync(made.dataDir, { recursive: true, force: true });
});

/** Made once for all tests of a file: each takes a copy, which saves it a start of the program. */
function freshLedger(): Promise<FreshLedger> {
  fresh ??= makeLedger();
  return fresh;
}

async function makeLedger(): Promise<FreshLedger> {
  const dataDir = folder();
  const words = ['token', 'create', '--role', 'admin', '--name', 'admin', '--data-dir', dataDir];
  const { code, out, err } = await voltsafe(...words);
  if (code !== 0) throw new Error(`no token: ${err}`);
  return { dataDir, token: out.trim() };
}

/** A home: simulated boards, a configuration file, a data directory, and a hub that can be killed and started again. */
export class House {
  readonly folder: string;
  readonly dataDir: string;
  readonly configFile: string;
  readonly boards = new Map<string, Board>();
  readonly #clients: Client[] = [];
  #token = '';
  #hub: Program | null = null;
  #api: Client | null = null;

  constructor(folder: string, options: HouseOptions) {
    this.folder = folder;
    this.dataDir = options.dataDir ?? join(folder, 'data');
    this.configFile = join(folder, 'house.yaml');
    this.configure(options);
  }

  /** Writes the configuration file that the next hub reads. */
  configure({
    limits = {},
    circuits = [],
    buses = { main: {} },
    mqtt = { mode: 'off' },
    plugs = [],
    replication,
  }: HouseOptions): void {
    const config = {
      hub: { data_dir: this.dataDir },
      http: { host: '127.0.0.1', port: 0 },
      mqtt,
      limits,
      circuits,
      buses: [...Object.entries(buses).map(([id, changes]) => this.#busOf(id, changes)), ...plugs],
      log: { level: 'warn' },
      ...(replication === undefined ? {} : { replication }),
    };
    writeFileSync(this.configFile, JSON.stringify(config)); // JSON is YAML
  }

  #busOf(id: string, changes: object): object {
    return { id, driver: 'modbus-coils', path: this.linkOf(id), channels: 8, ...changes };
  }

  /** Where the simulated board of a bus is found. */
  linkOf(bus: string): string {
    return join(this.folder, `board-${bus}`);
  }

  /** A ledger that knows an administrator, made by `voltsafe token create` while no hub runs. */
  async moveIn(): Promise<void> {
    const { dataDir, token } = await freshLedger();
    await cp(dataDir, this.dataDir, { recursive: true });
    this.#token = token;
  }

  async plugIn(bus = 'main'): Promise<Board> {
    const board = await Board.start(this.linkOf(bus));
    this.boards.set(bus, board);
    return board;
  }

  get board(): Board {
    return this.boardOf('main');
  }

  boardOf(bus: string): Board {
    const board = this.boards.get(bus);
    if (board === undefined) throw new RangeError(`bus ${bus} has no simulated board`);
    return board;
  }

  get hub(): Program {
    if (this.#hub === null) throw new Error('no hub was started');
    return this.#hub;
  }

  /** The administrator. */
  get api(): Client {
    if (this.#api === null) throw new Error('no hub was started');
    return this.#api;
  }

  /** Starts a hub without waiting for anything. */
  launch(): Program {
    this.#hub = new Program(['run', '--config', this.configFile]);
    return this.#hub;
  }

  /** The hub that was launched answers over HTTP. */
  async greeted(): Promise<Client> {
    for (const client of this.#clients.splice(0)) client.close();
    const url = await this.hub.said(/(http:\/\/[^/\s]+)\/#setup=/);
    this.#api = this.clientOf(this.#token, url);
    return this.#api;
  }

  /** Starts a hub and waits until it has read every relay, or given it up. */
  async start(): Promise<Client> {
    this.launch();
    const api = await this.greeted();
    await vi.waitFor(() => api.get('/ready'), PATIENTLY);
    return api;
  }

  async restart(): Promise<Client> {
    await this.hub.kill();
    return this.start();
  }

  /** Somebody else at the hub that runs now. */
  clientOf(token: string | null, url = this.api.url): Client {
    const client = new Client(url, token);
    this.#clients.push(client);
    return client;
  }

  async newToken(role: 'viewer' | 'operator' | 'admin', name: string): Promise<string> {
    return (await this.api.post<{ token: string }>('/api/tokens', { role, name })).token;
  }

  /** An appliance on a channel of a bus (`main/3`, or 3 for the bus main), or a declared load without one. */
  add(id: string, wattage: number | string, at?: number | string, more: object = {}): Promise<Appliance> {
    const [bus = '', channel] = typeof at === 'number' ? ['main', at] : (at ?? '').split('/');
    const relay = at === undefined ? {} : { relay: { bus, channel: Number(channel) } };
    return this.api.post('/api/appliances', { id, name: id, wattage, ...relay, ...more });
  }

  /** Ends everything that was started, and leaves nothing behind. */
  async remove(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#hub?.kill();
    await Promise.all([...this.boards.values()].map((board) => board.unplug()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A house with its boards plugged in and no hub yet; whoever opens it removes it. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const house = new House(folder(), options);
  const simulated = Object.entries(options.buses ?? { main: {} }).filter(([, changes]) => changes.path === undefined);
  await Promise.all([house.moveIn(), ...simulated.map(([bus]) => house.plugIn(bus))]);
  return house;
}

/** The same for one test, which leaves nothing of it. */
export async function newHouse(options: HouseOptions = {}): Promise<House> {
  const house = await openHouse(options);
  onTestFinished(() => house.remove());
  return house;
}

/** The same with a hub that has read its relays. */
export async function runningHouse(options: HouseOptions = {}): Promise<House> {
  const house = await newHouse(options);
  await house.start();
  return house;
}
