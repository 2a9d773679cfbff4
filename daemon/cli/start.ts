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
import { runError, usageError, wordsOf } from './errors.ts';
import type { CliIo } from './io.ts';
import { lanAddress, openLinks } from './links.ts';
import type { RunningHub } from './ports.ts';
import { serveHub } from './serve.ts';
import { SYNOPSIS } from './synopsis.ts';
import { machineTimezone } from './time-zone.ts';

/** The embedded default behind `npm start`: a simulated board and meter in a process of their own, and a home to play with. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const args = readArgs(words, { usage: SYNOPSIS.start, values: ['data-dir', 'host', 'port'] });
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
    more: DEMO_METER_WORDS,
    link: linkIn(dataDir),
    say,
  });
  try {
    // The hub opens its ledger and reads its modules while the board starts; it hears then whether the board did.
    const portsReady = board.start();
    portsReady.catch(() => undefined);
    const choice = { settings, dataDir, portRetry: true, simulated: true, seed: DEMO_HOME, portsReady };
    return await serveHub(choice, io, (hub) => greet(hub, settings, dataDir, board, io));
  } finally {
    await board.stop();
  }
}

/** The same schema as for a file: what a file may not say, this may not say either. */
function builtIn(args: Args, dataDir: string, io: CliIo): Settings {
  const port = args.value('port');
  const file = {
    hub: { data_dir: dataDir },
    http: { host: args.value('host'), port: port === undefined ? undefined : portOf(port) },
    buses: [{ id: DEMO_BUS, driver: 'modbus-coils', path: linkIn(dataDir), channels: DEMO_CHANNELS }],
    meters: [DEMO_METER],
    log: { level: 'warn' },
  };
  const origin = { file: 'voltsafe start', folder: dataDir, timezone: machineTimezone(io.env) };
  const loaded = loadSettings(JSON.stringify(file), origin);
  if (loaded.ok) return loaded.settings;
  throw usageError(loaded.errors.map(errorLine).join('\n'));
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usageError(`--port takes a whole number from 0 to 65535, not "${text}"`);
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

function greet(hub: RunningHub, { http, limits }: Settings, dataDir: string, board: BoardProcess, io: CliIo): void {
  const port = new URL(hub.url).port;
  if (http.port !== 0 && port !== String(http.port)) io.out(`Port ${http.port} is taken; this hub is on ${port}.`);
  const { here, lan } = openLinks(hub.setupLink, lanAddress(networkInterfaces()));
  io.out(`VoltSafe Hub runs. Open the panel (the link works once): ${here}`);
  if (lan !== null) io.out(`  from another device:  ${lan}`);
  io.out(`  simulated board       ${DEMO_CHANNELS} relays on ${linkIn(dataDir)}; nothing real is switched`);
  io.out(`  board's control       ${board.control ?? 'none'} (coils, log, faults)`);
  io.out(`  limit                 ${limits.limitMw / 1000} W`);
  io.out(`  data                  ${dataDir}`);
}
