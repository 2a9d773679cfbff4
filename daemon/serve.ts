import { createBuses, linesOf } from '../relay-drivers/buses.ts';
import type { Line } from '../relay-drivers/line/line.ts';
import type { BusSettings } from '../relay-drivers/registry.ts';
import { realPorts } from '../relay-drivers/transport/open.ts';
import type { HubOptions, RunningHub } from './cli/ports.ts';
import { type ApplianceSettings, type Household, HUB } from './core/model.ts';
import type { State } from './core/state.ts';
import type { OneTimeLink } from './http/link.ts';
import type { HubPort } from './http/port.ts';
import type { HttpServer } from './http/server.ts';
import { type Bus, Hub } from './hub.ts';
import { hubPort } from './hub-port.ts';
import { type OpenLedger, openLedger } from './ledger/client.ts';
import type { SwitchBinding } from './relays/port.ts';
import { restore } from './restore.ts';
import { timeline } from './timeline.ts';

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
  const { lines, buses } = openBuses(settings.buses, options);
  const now = timeline(clock, ledger.stored.lastUpMs);
  const state = await restore(ledger.stored, (after, limit) => ledger.read(after, limit));
  ledger.forgetStored();
  const hub = new Hub({ ...edges(options), household: householdOf(options), buses, state, ledger, now });
  const info = { id: settings.hub.id, name: settings.hub.name, version: options.version, simulated };
  const port = hubPort({ hub, read: (after, limit) => ledger.read(after, limit), now, info });
  await hub.start();
  // Not before somebody listens: a port that cannot be opened says so once.
  for (const line of lines) line.start();
  const link = new edge.OneTimeLink(clock);
  const http = await openHttp(edge, options, port, link, () => stopHub(hub, lines));
  void seed(hub, options.seed ?? []);
  return running(hub, port, http, link, ledger, () => stopHub(hub, lines));
}

type Edges = Pick<ConstructorParameters<typeof Hub>[0], 'clock' | 'bootId' | 'onTrouble' | 'onProgress'>;

function edges({ clock, bootId, log, onProgress }: ServeOptions): Edges {
  const onTrouble = (what: string, error: unknown) => log.error(error === null ? {} : { error: String(error) }, what);
  return { clock, bootId, onTrouble, onProgress };
}

function openBuses(list: readonly BusSettings[], { clock }: ServeOptions): { lines: Line[]; buses: Bus[] } {
  const opened = createBuses(list, { clock, openPort: realPorts(clock) });
  const buses = [...opened].map(([id, { driver, line, settings }]) => ({
    id,
    driver,
    line,
    switches: switchesOf(settings),
  }));
  return { lines: linesOf(opened.values()), buses };
}

function switchesOf({ inputs = {} }: BusSettings): Map<number, SwitchBinding> {
  return new Map(Object.entries(inputs).map(([input, binding]) => [Number(input), binding]));
}

function householdOf({ settings, simulated }: ServeOptions): Household {
  const { hub, limits, circuits, buses } = settings;
  return {
    hubId: hub.id,
    hubName: hub.name,
    ...limits,
    circuits,
    buses: buses.map(({ id, channels }) => ({ id, channels, isSimulated: simulated })),
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
async function seed(hub: Hub, appliances: readonly ApplianceSettings[]): Promise<void> {
  if (isSeeded(hub.state)) return;
  await Promise.all(appliances.map((settings) => hub.queue.ask({ kind: 'add_appliance', settings, who: HUB })));
}

function isSeeded(state: State): boolean {
  return state.applianceCount > 0;
}

async function stopHub(hub: Hub, lines: readonly Line[]): Promise<void> {
  await hub.close();
  for (const line of lines) line.close();
}

function running(
  hub: Hub,
  port: HubPort,
  http: HttpServer,
  link: OneTimeLink,
  ledger: OpenLedger,
  stop: () => Promise<void>,
): RunningHub {
  return {
    url: http.url,
    setupLink: link.issueUrl(http.url),
    desk: { ask: (input) => hub.queue.ask(input), tokens: () => port.tokens() },
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
