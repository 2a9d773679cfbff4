import { createBuses, linesOf } from '../relay-drivers/buses.ts';
import { type BusSettings, unitOf } from '../relay-drivers/registry.ts';
import { realPorts } from '../relay-drivers/transport/open.ts';
import type { HubOptions, RunningHub, SeedAppliance } from './cli/ports.ts';
import { type Household, HUB } from './core/model.ts';
import type { State } from './core/state.ts';
import { deviceStates } from './device-states.ts';
import { History } from './history.ts';
import type { OneTimeLink } from './http/link.ts';
import type { HubPort } from './http/port.ts';
import type { HttpServer } from './http/server.ts';
import { type Bus, Hub } from './hub.ts';
import { hubPort } from './hub-port.ts';
import { type OpenLedger, openLedger } from './ledger/client.ts';
import { meteredCircuit } from './meters/measures.ts';
import type { Metered } from './meters/port.ts';
import { Mqtt } from './mqtt.ts';
import { openMeters } from './open-meters.ts';
import { plugBuses } from './plugs.ts';
import type { SwitchBinding } from './relays/port.ts';
import { restore } from './restore.ts';
import { Timeline } from './timeline.ts';

export interface ServeOptions extends HubOptions {
  /** Tests and benchmarks: each commit takes this much longer, inside the ledger's worker. */
  readonly commitDelayMs?: number;
}

/** A hub with its real doors: the ledger on disk, the boards on their lines, HTTP. Rejects with what is to be done. */
export async function startHub(options: ServeOptions): Promise<RunningHub> {
  const { dataDir, bootId, commitDelayMs = 0 } = options;
  // The ledger's thread opens its file while this one reads the modules of the HTTP edge.
  const opening = openLedger({ dataDir, bootId, commitDelayMs });
  opening.catch(() => undefined);
  const http = await loadHttp();
  const ledger = await opening;
  try {
    await options.portsReady;
    return await serve(options, ledger, http);
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

type HttpEdge = Pick<typeof import('./http/server.ts'), 'startHttp'> &
  Pick<typeof import('./http/link.ts'), 'OneTimeLink'>;

async function loadHttp(): Promise<HttpEdge> {
  const { startHttp } = await import('./http/server.ts');
  const { OneTimeLink } = await import('./http/link.ts');
  return { startHttp, OneTimeLink };
}

async function serve(options: ServeOptions, ledger: OpenLedger, edge: HttpEdge): Promise<RunningHub> {
  const { settings, clock, simulated } = options;
  const { ports, buses, meters } = openPorts(options);
  const line = new Timeline(clock, ledger.stored.lastUpMs);
  const now = () => line.now();
  const state = await restore(ledger.stored, (after, limit) => ledger.read(after, limit));
  ledger.forgetStored();
  const hub = new Hub({ ...edges(options), household: householdOf(options), buses, meters, state, ledger, now });
  const mqtt = Mqtt.join(hub, options);
  const info = { id: settings.hub.id, name: settings.hub.name, version: options.version, simulated };
  const read = (after: number, limit: number) => ledger.read(after, limit);
  const seen = mqtt === null ? {} : { found: mqtt.found, mqtt: () => mqtt.view() };
  const history = new History(options);
  const port = hubPort({ hub, read, now, info, history: history.port, ...seen });
  await Promise.all([hub.start(), mqtt?.open()]);
  mqtt?.greet(hub, port, options);
  const giveUp = () => stopHub({ hub, mqtt, history, ports, line });
  // Not before somebody listens: a port that cannot be opened says so once.
  for (const one of ports) one.start();
  const link = new edge.OneTimeLink(clock);
  const http = await openHttp(edge, options, port, link, giveUp);
  void seed(hub, options.seed ?? []);
  history.open({ hub, port, ledger });
  return running({ hub, mqtt, port, http, link, ledger, stop: giveUp });
}

type Edges = Pick<ConstructorParameters<typeof Hub>[0], 'clock' | 'bootId' | 'onTrouble' | 'onBoard' | 'onProgress'>;

function edges({ clock, bootId, log, onProgress }: ServeOptions): Edges {
  const onTrouble = (what: string, error: unknown) => log.error(error === null ? {} : { error: String(error) }, what);
  const onBoard = (bus: string, lostBecause: string | null) =>
    lostBecause === null
      ? log.info({ bus }, 'the board answers')
      : log.warn({ bus }, `the board is lost: ${lostBecause}`);
  return { clock, bootId, onTrouble, onBoard, onProgress };
}

interface Opened {
  readonly ports: readonly Port[];
  readonly buses: readonly Bus[];
  readonly meters: readonly Metered[];
}

/** What is started once somebody listens: the lines of the boards, and the ports that meters have for themselves. */
interface Port {
  start(): void;
  close(): void;
}

/** A line that cannot carry what is asked of it is worth a word; it is asked less. */
function openPorts({ settings, clock, log }: ServeOptions): Opened {
  const deps = { clock, openPort: realPorts(clock) };
  const opened = createBuses(settings.buses, deps);
  const { meters, ports, warnings } = openMeters(settings.meters, { ...deps, buses: opened });
  for (const warning of warnings) log.warn({}, warning);
  return { ports: [...linesOf(opened.values()), ...ports], buses: busesOf(opened), meters };
}

function busesOf(opened: ReturnType<typeof createBuses>): Bus[] {
  return [...opened].map(([id, { driver, line, settings }]) => ({
    id,
    driver,
    wiring: { ...settings, unit: unitOf(settings) },
    line,
    switches: switchesOf(settings),
    offWithoutProof: 'off_without_proof' in settings ? settings.off_without_proof : 'hold',
  }));
}

function switchesOf(bus: BusSettings): Map<number, SwitchBinding> {
  const inputs = 'inputs' in bus ? (bus.inputs ?? {}) : {};
  return new Map(Object.entries(inputs).map(([input, binding]) => [Number(input), binding]));
}

function householdOf({ settings, simulated }: ServeOptions): Household {
  const { hub, limits, circuits, buses, plugs, meters } = settings;
  return {
    hubId: hub.id,
    hubName: hub.name,
    ...limits,
    circuits,
    buses: [
      ...buses.map(({ id, channels }) => ({ id, channels, isSimulated: simulated })),
      ...plugBuses(plugs, simulated),
    ],
    metered: meters.flatMap(({ measures }) => meteredCircuit(measures) ?? []),
  };
}

async function openHttp(
  { startHttp }: HttpEdge,
  options: ServeOptions,
  hub: HubPort,
  link: OneTimeLink,
  giveUp: () => Promise<void>,
): Promise<HttpServer> {
  const { settings, clock, log, panelDir, portRetry } = options;
  try {
    return await startHttp({
      hub,
      ...settings.http,
      portRetry,
      panelDir,
      log: log.child({ part: 'http' }),
      clock,
      link,
    });
  } catch (error) {
    await giveUp();
    throw error;
  }
}

/** Appliances for a ledger that has none: the embedded default. */
async function seed(hub: Hub, appliances: readonly SeedAppliance[]): Promise<void> {
  if (isSeeded(hub.state)) return;
  await Promise.all(appliances.map((one) => hub.queue.ask({ kind: 'add_appliance', ...one, who: HUB })));
}

function isSeeded(state: State): boolean {
  return state.applianceCount > 0;
}

interface Running {
  readonly hub: Hub;
  readonly mqtt: Mqtt | null;
  readonly history: History;
  readonly ports: readonly Port[];
  readonly line: Timeline;
}

/** Devices hear of the end before their way is closed; the history hears the last of what they say. */
async function stopHub({ hub, mqtt, history, ports, line }: Running): Promise<void> {
  await hub.close();
  await mqtt?.close();
  for (const one of ports) one.close();
  await history.close();
  line.close();
}

interface Parts {
  readonly hub: Hub;
  readonly mqtt: Mqtt | null;
  readonly port: HubPort;
  readonly http: HttpServer;
  readonly link: OneTimeLink;
  readonly ledger: OpenLedger;
  readonly stop: () => Promise<void>;
}

function running({ hub, mqtt, port, http, link, ledger, stop }: Parts): RunningHub {
  return {
    url: http.url,
    mqttUrl: mqtt?.url ?? null,
    setupLink: link.issueUrl(http.url),
    desk: {
      ask: (input) => hub.queue.ask(input),
      tokens: () => port.tokens(),
      mqttUsers: () => [...hub.state.mqttUsers.values()],
    },
    ledger: {
      origin: ledger.stored.origin,
      lastSeq: () => hub.state.seq,
      readRows: (after, limit) => ledger.readRows(after, limit),
    },
    devices: () => deviceStates(port),
    probe: () => hub.queue.probe(),
    failed: ledger.lost,
    stop: async () => {
      await http.close();
      await stop();
      await ledger.close();
    },
  };
}

export { openDesk } from './offline-desk.ts';
