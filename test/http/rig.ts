import { onTestFinished } from 'vitest';
import type { Event } from '../../daemon/core/events.ts';
import type { Household, Role } from '../../daemon/core/model.ts';
import { emptyState } from '../../daemon/core/state.ts';
import { type Finds, FoundDevices } from '../../daemon/found-devices.ts';
import { buildApp } from '../../daemon/http/app.ts';
import type { App, AppParts } from '../../daemon/http/app-type.ts';
import type { HistoryPort } from '../../daemon/http/history-port.ts';
import { OneTimeLink } from '../../daemon/http/link.ts';
import type { HttpLog } from '../../daemon/http/log.ts';
import type { HubPort } from '../../daemon/http/port.ts';
import { hashSecret } from '../../daemon/http/secrets.ts';
import { type HttpParts, startHttp } from '../../daemon/http/server.ts';
import { type Bus, Hub } from '../../daemon/hub.ts';
import { hubPort } from '../../daemon/hub-port.ts';
import type { Metered } from '../../daemon/meters/port.ts';
import { timeline } from '../../daemon/timeline.ts';
import { DriverError } from '../../relay-drivers/driver.ts';
import type { PlugSettings } from '../../relay-drivers/plug-registry.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';

export const TOKENS: Record<Role, string> = { viewer: 'vs_viewer', operator: 'vs_operator', admin: 'vs_admin' };

export const bearer = (role: Role) => ({ authorization: `Bearer ${TOKENS[role]}` });

const HOUSE: Household = {
  hubId: 'home',
  hubName: 'Home',
  limitMw: 5_000_000,
  nearLimitMw: 4_000_000,
  baseLoadMw: 0,
  circuits: [{ id: 'kitchen', parent: 'house', limitMw: 3_600_000 }],
  buses: [{ id: 'main', channels: 8, isSimulated: true }],
};

/** A board whose port is gone: every relay on it is unknown. */
function deadBus(): Bus {
  const fail = () => Promise.reject(new DriverError('port_closed', 'there is no port'));
  const driver = { channels: 8, setCoil: fail, readCoils: fail };
  const state = { isOpen: false, reason: 'there is no port' } as const;
  const onStateChange: Bus['line']['onStateChange'] = (listener) => queueMicrotask(() => listener(state));
  return { id: 'main', driver, line: { isOpen: false, onStateChange }, switches: new Map() };
}

/** A ledger in memory: what is tested here is the edge in front of it. */
class MemoryLedger {
  readonly events: Event[] = [];
  isBroken = false;
  /** A commit waits for this. */
  gate: Promise<void> = Promise.resolve();

  /** Commits that wait for the gate. */
  appends = 0;

  async append(events: readonly Event[]): Promise<void> {
    this.appends += 1;
    await this.gate;
    this.appends -= 1;
    if (this.isBroken) throw new Error('the disk is gone');
    this.events.push(...events);
  }

  async read(afterSeq: number, limit: number): Promise<Event[]> {
    if (this.isBroken) throw new Error('the disk is gone');
    return this.events.filter(({ seq }) => seq > afterSeq).slice(0, limit);
  }

  async saveSnapshot(): Promise<void> {}
}

/** Everything that was logged, as text. */
class MemoryLog implements HttpLog {
  readonly lines: string[] = [];
  info(fields: object, message: string): void {
    this.#add(fields, message);
  }
  warn(fields: object, message: string): void {
    this.#add(fields, message);
  }
  error(fields: object, message: string): void {
    this.#add(fields, message);
  }
  #add(fields: object, message: string): void {
    const shown = Object.entries(fields).map(
      ([name, value]) => `${name}=${value instanceof Error ? value.stack : String(value)}`,
    );
    this.lines.push(`${message} ${shown.join(' ')}`);
  }
}

export interface House {
  readonly hub: HubPort;
  readonly clock: VirtualClock;
  readonly ledger: MemoryLedger;
  readonly link: OneTimeLink;
  readonly log: MemoryLog;
  readonly parts: AppParts;
}

export interface HouseOptions {
  readonly panelDir?: string;
  readonly circuits?: Household['circuits'];
  readonly meters?: (clock: VirtualClock) => readonly Metered[];
  readonly finds?: Finds;
  /** Devices on MQTT of the configuration. */
  readonly configured?: readonly PlugSettings[];
  readonly mqtt?: HubPort['mqtt'];
  readonly history?: HistoryPort;
  /** When the virtual clock begins. */
  readonly wallMs?: number;
}

const NO_FINDS: Finds = { found: () => [], onChange: () => () => undefined };

/** A real hub in front of the edge under test, with a token of each role. */
export async function openHouse({
  panelDir = '/nowhere',
  circuits = HOUSE.circuits,
  meters = () => [],
  finds = NO_FINDS,
  configured = [],
  mqtt = () => null,
  history,
  wallMs,
}: HouseOptions = {}): Promise<House> {
  const clock = new VirtualClock(wallMs);
  const ledger = new MemoryLedger();
  const now = timeline(clock, 0);
  const parts = {
    household: { ...HOUSE, circuits, metered: ['house', 'kitchen'] },
    buses: [deadBus()],
    meters: meters(clock),
    state: emptyState(),
    ledger,
    clock,
    now,
    bootId: 'boot-1',
    onTrouble: () => undefined,
    onProgress: () => undefined,
  };
  const inner = new Hub(parts);
  await inner.start();
  await clock.until(() => inner.isReady);
  onTestFinished(() => inner.close());
  const info = { id: 'home', name: 'Home', version: '0.1.0', simulated: true };
  const found = new FoundDevices({ hub: inner, finds, isSimulated: ({ id }) => id.endsWith('-twin'), configured });
  const read = (after: number, limit: number) => ledger.read(after, limit);
  const hub = hubPort({ hub: inner, read, now, info, found, mqtt, ...(history === undefined ? {} : { history }) });
  for (const role of ['viewer', 'operator', 'admin'] as const) await grant(hub, role);
  const link = new OneTimeLink(clock);
  const log = new MemoryLog();
  return { hub, clock, ledger, link, log, parts: { hub, clock, link, log, panelDir } };
}

async function grant(hub: HubPort, role: Role): Promise<void> {
  const token = {
    id: role,
    name: `the ${role}`,
    role,
    secretHash: hashSecret(TOKENS[role]),
    use: 'api',
    createdWallMs: 0,
    expiresUpMs: null,
  } as const;
  const answer = await hub.ask({
    kind: 'create_token',
    token,
    who: { principal: 'hub', name: 'hub', role: 'admin', source: 'hub' },
  });
  if (!answer.ok) throw new Error(answer.refusal.detail);
}

export async function openApp(options?: HouseOptions): Promise<House & { readonly app: App }> {
  const house = await openHouse(options);
  const app = await buildApp(house.parts);
  onTestFinished(() => app.close());
  await app.ready();
  return { ...house, app };
}

/** The same, listening on a free port of this machine. */
export async function openServer(options?: HouseOptions, more: Partial<HttpParts> = {}) {
  const house = await openHouse(options);
  const server = await startHttp({ ...house.parts, host: '127.0.0.1', port: 0, portRetry: false, ...more });
  onTestFinished(() => server.close());
  return { ...house, server };
}

export interface Asked {
  readonly status: number;
  readonly type: string;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** One request as a given role (null: nobody). */
export async function ask(
  app: App,
  role: Role | null,
  method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Asked> {
  const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) };
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await app.inject({
    method,
    url,
    ...payload,
    headers: { ...json, ...(role === null ? {} : bearer(role)), ...headers },
  });
  const isJson = String(response.headers['content-type']).includes('json');
  return {
    status: response.statusCode,
    type: String(response.headers['content-type']),
    body: isJson ? response.json() : {},
    headers: response.headers,
    text: response.body,
  };
}

export async function addLoad(app: App, id: string, wattage: number | string, more: object = {}): Promise<Asked> {
  return ask(app, 'admin', 'POST', '/api/appliances', { id, name: id, wattage, ...more });
}

export async function toggle(
  app: App,
  id: string,
  isOn: boolean,
  headers: Record<string, string> = {},
): Promise<Asked> {
  return ask(app, 'operator', 'POST', `/api/appliances/${id}/toggle`, { is_on: isOn }, headers);
}
