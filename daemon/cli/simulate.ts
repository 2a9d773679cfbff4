import { resolve } from 'node:path';
import { createBus, type SimulatedBus } from '../../relay-drivers/simulator/bus.ts';
import { type ControlServer, serveControl } from '../../relay-drivers/simulator/control.ts';
import type { Devices } from '../../relay-drivers/simulator/control-routes.ts';
import { servePty } from '../../relay-drivers/simulator/pty-port.ts';
import { type Random, seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { wholeNumber } from './arg-values.ts';
import { type ArgShape, type Args, readArgs } from './args.ts';
import { runError, wordsOf } from './errors.ts';
import { type CliIo, OK } from './io.ts';
import { type BrokerOf, brokerOf, toldBroker } from './plug-broker.ts';
import { PlugFleet } from './plug-fleet.ts';
import { LINE_WORDS, lineOf } from './simulated-line.ts';
import { type Beside, letFlow } from './simulated-meters.ts';
import { PLUG_WORDS, plugsOf } from './simulated-plugs.ts';
import { SYNOPSIS } from './synopsis.ts';

const SHAPE: ArgShape = {
  usage: `${SYNOPSIS.simulate} ${LINE_WORDS.more} ${PLUG_WORDS.more} [--seed N] [--exit-with-stdin]`,
  values: [...LINE_WORDS.values, ...PLUG_WORDS.values, 'link', 'control', 'seed'],
  flags: [...LINE_WORDS.flags, 'exit-with-stdin'],
  lists: PLUG_WORDS.lists,
};

type SimulateIo = Pick<CliIo, 'out' | 'err' | 'cwd' | 'env' | 'clock' | 'stop' | 'stdinEnded' | 'started'>;

/** Simulated boards, meters and plugs, until it is told to stop. They outlive their clients. */
export async function run(words: readonly string[], io: SimulateIo): Promise<number> {
  const args = readArgs(words, SHAPE);
  const random = seededRandom(wholeNumber(args, 'seed', 0, 2 ** 32 - 1) ?? 1);
  const controlPort = wholeNumber(args, 'control', 0, 65_535);
  const line = isLineSpokenOf(args) ? lineOf(args) : null;
  const fleet = await fleetOf(args, io, random);
  const bus = line && createBus(line, io.clock, random);
  try {
    if (bus && line) letFlow(bus, line.meters, besideOf(fleet), args, io.clock);
    return await control(bus, fleet, controlPort, args, io);
  } finally {
    fleet?.plugs.close();
    for (const meter of bus?.meters ?? []) meter.close();
  }
}

/** There is a line where nothing else is. */
function isLineSpokenOf(args: Args): boolean {
  const values = [...LINE_WORDS.values, 'link'].filter((name) => args.value(name) !== undefined);
  const flags = LINE_WORDS.flags.filter((name) => args.flag(name));
  return args.list('plug').length === 0 || values.length + flags.length > 0;
}

interface Fleet {
  readonly plugs: PlugFleet;
  /** Null: the parent will tell. */
  readonly broker: BrokerOf | null;
}

async function fleetOf(args: Args, io: SimulateIo, random: Random): Promise<Fleet | null> {
  const settings = plugsOf(args);
  if (settings.length === 0) return null;
  const broker = await brokerOf(args, io);
  // Asked for once more when they connect; who has no password is told so before anything is opened.
  for (const { name } of settings) broker?.(name);
  return { plugs: new PlugFleet(settings, io.clock, random), broker };
}

/** The meters see what flows through the plugs, too. */
function besideOf(fleet: Fleet | null): Beside {
  const { plugs: contacts = [], loadsW = [] } = fleet?.plugs ?? {};
  return { contacts, loadsW };
}

type Bus = SimulatedBus | null;

async function control(bus: Bus, fleet: Fleet | null, port: number | undefined, args: Args, io: SimulateIo) {
  const devices = { boards: bus?.boards ?? [], meters: bus?.meters ?? [], plugs: fleet?.plugs.plugs ?? [] };
  const server = port === undefined ? null : await openControl(devices, port);
  try {
    return await serve(bus, fleet, server, args, io);
  } finally {
    await server?.close();
  }
}

async function serve(bus: Bus, fleet: Fleet | null, server: ControlServer | null, args: Args, io: SimulateIo) {
  const port = bus && openPort(() => servePty(bus.wire, io.clock, linkPath(args, io.cwd)));
  try {
    if (port) io.out(`${bus?.boards.length === 0 ? 'meter' : 'board'} ready on ${port.path}`);
    if (fleet?.broker) await fleet.plugs.connect(fleet.broker);
    if (fleet) io.out(`plugs ready: ${fleet.plugs.plugs.map(({ name }) => name).join(', ')}`);
    if (server) io.out(`control on ${server.url}`);
    io.started();
    await ended(fleet, args.flag('exit-with-stdin'), io);
  } finally {
    port?.close();
  }
  return OK;
}

function linkPath(args: Args, cwd: string): string | undefined {
  const given = args.value('link');
  return given === undefined ? undefined : resolve(cwd, given);
}

async function openControl(devices: Devices, port: number): Promise<ControlServer> {
  try {
    return await serveControl(devices, port);
  } catch (error) {
    throw runError(`--control ${port}: ${wordsOf(error)}; 0 takes a free port`);
  }
}

function openPort<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw runError(`no pseudo terminal: ${wordsOf(error)}`);
  }
}

/** Resolves when the process is told to stop or, where asked for, when the parent that holds stdin is gone. */
function ended(fleet: Fleet | null, withStdin: boolean, io: SimulateIo): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (io.stop.aborted) resolve();
    else io.stop.addEventListener('abort', () => resolve(), { once: true });
  });
  const isTold = fleet !== null && fleet.broker === null;
  if (!withStdin && !isTold) return stopped;
  const stdin = io.stdinEnded(isTold ? (line) => hear(fleet, line, io) : undefined);
  return withStdin ? Promise.race([stopped, stdin]) : stopped;
}

/** The line holds passwords: it is repeated nowhere. */
function hear(fleet: Fleet, line: string, io: SimulateIo): void {
  const broker = toldBroker(line);
  if (broker === null) return io.err('voltsafe: a line on stdin is no {"broker", "passwords"}');
  fleet.plugs
    .connect(broker)
    .catch((error: unknown) => io.err(`voltsafe: the plugs cannot connect: ${wordsOf(error)}`));
}
