import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureFolder } from '../folder.ts';
import { errorLine, loadSettings } from '../settings/load.ts';
import type { Settings } from '../settings/types.ts';
import { type Args, readArgs } from './args.ts';
import { BoardProcess } from './board-process.ts';
import { isHubRunning } from './control-client.ts';
import { DEFAULT_DATA_DIR } from './data-dir.ts';
import { DEMO_BUS, DEMO_CHANNELS, DEMO_HOME, DEMO_METER, DEMO_METER_WORDS } from './demo-home.ts';
import { DEMO_PLUG_HOME, DEMO_PLUG_NAMES, DEMO_PLUG_WORDS, DEMO_PLUGS_LEFT } from './demo-plugs.ts';
import { runError, usageError, wordsOf } from './errors.ts';
import type { CliIo } from './io.ts';
import { lanAddress, onThisMachine, openLinks } from './links.ts';
import { tellBroker } from './plug-broker.ts';
import { plugUsers } from './plug-users.ts';
import type { RunningHub } from './ports.ts';
import { serveHub } from './serve.ts';
import { SYNOPSIS } from './synopsis.ts';
import { machineTimezone } from './time-zone.ts';

/** The embedded default behind `npm start`: a simulated board and meter in a process of their own, and a home to play with. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const args = readArgs(words, { usage: SYNOPSIS.start, values: ['data-dir', 'host', 'port', 'mqtt-port'] });
  const dataDir = resolve(io.cwd, args.value('data-dir') ?? DEFAULT_DATA_DIR);
  const settings = builtIn(args, dataDir, io);
  await prepare(dataDir);
  const say = (line: string) => io.err(`voltsafe: ${line}`);
  const { self, env, clock } = io;
  const board = new BoardProcess({
    self,
    env,
    clock,
    channels: DEMO_CHANNELS,
    more: [...DEMO_METER_WORDS, ...DEMO_PLUG_WORDS],
    link: linkIn(dataDir),
    say,
  });
  try {
    // The hub opens its ledger and reads its modules while the board starts; it hears then whether the board did.
    const portsReady = board.start();
    portsReady.catch(() => undefined);
    const plugs = plugUsers(DEMO_PLUG_NAMES, clock.wallMs());
    const seed = [...DEMO_HOME.map((one) => ({ settings: one })), ...DEMO_PLUG_HOME];
    const hubs = { settings, dataDir, portRetry: true, simulated: true, seed, portsReady };
    return await serveHub({ ...hubs, transientMqttUsers: plugs.users }, io, (hub) => {
      if (hub.mqttUrl) board.tell(tellBroker(onThisMachine(hub.mqttUrl), plugs.passwords));
      greet(hub, settings, dataDir, board, io);
    });
  } finally {
    await board.stop();
  }
}

/** The same schema as for a file: what a file may not say, this may not say either. */
function builtIn(args: Args, dataDir: string, io: CliIo): Settings {
  const host = args.value('host');
  const file = {
    hub: { data_dir: dataDir },
    http: { host, port: portOf(args, 'port') },
    mqtt: { host, port: portOf(args, 'mqtt-port') },
    buses: [{ id: DEMO_BUS, driver: 'modbus-coils', path: linkIn(dataDir), channels: DEMO_CHANNELS }],
    meters: [DEMO_METER],
    log: { level: 'warn' },
  };
  const origin = { file: 'voltsafe start', folder: dataDir, timezone: machineTimezone(io.env) };
  const loaded = loadSettings(JSON.stringify(file), origin);
  if (loaded.ok) return loaded.settings;
  throw usageError(loaded.errors.map(errorLine).join('\n'));
}

function portOf(args: Args, name: string): number | undefined {
  const text = args.value(name);
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usageError(`--${name} takes a whole number from 0 to 65535, not "${text}"`);
}

function linkIn(dataDir: string): string {
  return join(dataDir, 'board');
}

/** Two hubs on one data directory would take each other's board away before the ledger's lock speaks. */
async function prepare(dataDir: string): Promise<void> {
  if (await isHubRunning(dataDir)) throw runError(`a hub runs on ${dataDir} already; choose another --data-dir`);
  try {
    ensureFolder(dataDir);
  } catch (error) {
    throw runError(`the data directory cannot be made: ${wordsOf(error)}`);
  }
}

function greet(hub: RunningHub, settings: Settings, dataDir: string, board: BoardProcess, io: CliIo): void {
  sayTaken(settings.http.port, hub.url, 'this hub', io);
  const { here, lan } = openLinks(hub.setupLink, lanAddress(networkInterfaces()));
  io.out(`VoltSafe Hub runs. Open the panel (the link works once): ${here}`);
  if (lan !== null) io.out(`  from another device:  ${lan}`);
  io.out(`  simulated board       ${DEMO_CHANNELS} relays on ${linkIn(dataDir)}; nothing real is switched`);
  io.out(`  board's control       ${board.control ?? 'none'} (coils, log, faults)`);
  io.out(`  limit                 ${settings.limits.limitMw / 1000} W`);
  if (hub.mqttUrl) greetPlugs(hub.mqttUrl, settings, io);
  io.out(`  data                  ${dataDir}`);
}

function greetPlugs(mqttUrl: string, { mqtt }: Settings, io: CliIo): void {
  if (mqtt.mode === 'embedded') sayTaken(mqtt.port, mqttUrl, 'the MQTT broker', io);
  io.out(`  MQTT broker           ${onThisMachine(mqttUrl)} (make users with voltsafe mqtt-user add)`);
  io.out(
    `  simulated plugs       ${DEMO_PLUG_NAMES.length} on it; ${DEMO_PLUGS_LEFT.join(', ')} is to be adopted in the panel`,
  );
}

function sayTaken(wanted: number, url: string, who: string, io: CliIo): void {
  const { port } = new URL(url);
  if (wanted !== 0 && port !== String(wanted)) io.out(`Port ${wanted} is taken; ${who} is on ${port}.`);
}
