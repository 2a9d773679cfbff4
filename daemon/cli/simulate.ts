import { resolve } from 'node:path';
import { MAX_CHANNELS } from '../../relay-drivers/simulator/board.ts';
import { type BusSettings, createBus } from '../../relay-drivers/simulator/bus.ts';
import { type ControlServer, serveControl } from '../../relay-drivers/simulator/control.ts';
import { FLAVOURS, isFlavour } from '../../relay-drivers/simulator/flavours.ts';
import { servePty } from '../../relay-drivers/simulator/pty-port.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { type ArgShape, type Args, readArgs } from './args.ts';
import { runError, usageError, wordsOf } from './errors.ts';
import { type CliIo, OK } from './io.ts';

const SHAPE: ArgShape = {
  usage:
    'simulate --board modbus-coils --channels 8 [--link P] [--control PORT] [--unit 1 | --units 1,2] [--baud 9600] ' +
    '[--parity none|even|odd] [--flavour waveshare|lctech] [--echo] [--seed N] [--exit-with-stdin]',
  values: ['board', 'channels', 'link', 'control', 'unit', 'units', 'baud', 'parity', 'flavour', 'seed'],
  flags: ['echo', 'exit-with-stdin'],
};

const BOARD = 'modbus-coils';
const PARITIES = ['none', 'even', 'odd'] as const;

type SimulateIo = Pick<CliIo, 'out' | 'cwd' | 'clock' | 'stop' | 'stdinEnded' | 'started'>;

/** A simulated line of boards on a pseudo terminal, until it is told to stop. It outlives its clients. */
export async function run(words: readonly string[], io: SimulateIo): Promise<number> {
  const args = readArgs(words, SHAPE);
  const settings = busSettings(args);
  const seed = wholeNumber(args, 'seed', 0, 2 ** 32 - 1) ?? 1;
  const controlPort = wholeNumber(args, 'control', 0, 65_535);
  const bus = createBus(settings, io.clock, seededRandom(seed));
  const control = controlPort === undefined ? null : await openControl(bus.boards, controlPort);
  try {
    const port = openPort(() => servePty(bus.wire, io.clock, linkPath(args, io.cwd)));
    try {
      io.out(`board ready on ${port.path}`);
      if (control) io.out(`control on ${control.url}`);
      io.started();
      await ended(io, args.flag('exit-with-stdin'));
    } finally {
      port.close();
    }
  } finally {
    await control?.close();
  }
  return OK;
}

function busSettings(args: Args): BusSettings {
  oneOf(args, 'board', [BOARD]);
  const channels = wholeNumber(args, 'channels', 1, MAX_CHANNELS) ?? 8;
  const flavour = args.value('flavour') ?? 'waveshare';
  if (!isFlavour(flavour)) throw usageError(`--flavour is one of ${Object.keys(FLAVOURS).join(', ')}`);
  return {
    baud: wholeNumber(args, 'baud', 300, 1_000_000) ?? 9600,
    parity: oneOf(args, 'parity', PARITIES) ?? 'none',
    echo: args.flag('echo'),
    boards: units(args, FLAVOURS[flavour].unit).map((unit) => ({ channels, unit, flavour })),
  };
}

/** One unit by default, its make's factory address; several boards may hang on one line. */
function units(args: Args, factoryUnit: number): number[] {
  const list = args.value('units');
  if (list === undefined) return [wholeNumber(args, 'unit', 1, 255) ?? factoryUnit];
  if (args.value('unit') !== undefined) throw usageError('--unit and --units exclude each other');
  const numbers = list.split(',').map((text) => toWhole(text, 'units', 1, 255));
  if (new Set(numbers).size !== numbers.length) throw usageError('--units names a unit twice');
  return numbers;
}

function oneOf<T extends string>(args: Args, name: string, choices: readonly T[]): T | undefined {
  const given = args.value(name);
  const found = choices.find((choice) => choice === given);
  if (given !== undefined && found === undefined) throw usageError(`--${name} is one of ${choices.join(', ')}`);
  return found;
}

function wholeNumber(args: Args, name: string, low: number, high: number): number | undefined {
  const given = args.value(name);
  return given === undefined ? undefined : toWhole(given, name, low, high);
}

function toWhole(text: string, name: string, low: number, high: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw usageError(`--${name} takes whole numbers from ${low} to ${high}, not "${text}"`);
}

function linkPath(args: Args, cwd: string): string | undefined {
  const given = args.value('link');
  return given === undefined ? undefined : resolve(cwd, given);
}

async function openControl(boards: Parameters<typeof serveControl>[0], port: number): Promise<ControlServer> {
  try {
    return await serveControl(boards, port);
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
function ended(io: SimulateIo, withStdin: boolean): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (io.stop.aborted) resolve();
    else io.stop.addEventListener('abort', () => resolve(), { once: true });
  });
  return withStdin ? Promise.race([stopped, io.stdinEnded()]) : stopped;
}
