import { resolve } from 'node:path';
import { createBus, type SimulatedBus } from '../../relay-drivers/simulator/bus.ts';
import { type ControlServer, serveControl } from '../../relay-drivers/simulator/control.ts';
import { servePty } from '../../relay-drivers/simulator/pty-port.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { wholeNumber } from './arg-values.ts';
import { type ArgShape, type Args, readArgs } from './args.ts';
import { runError, wordsOf } from './errors.ts';
import { type CliIo, OK } from './io.ts';
import { LINE_WORDS, lineOf } from './simulated-line.ts';
import { letFlow } from './simulated-meters.ts';
import { SYNOPSIS } from './synopsis.ts';

const SHAPE: ArgShape = {
  usage: `${SYNOPSIS.simulate} ${LINE_WORDS.more} [--seed N] [--exit-with-stdin]`,
  values: [...LINE_WORDS.values, 'link', 'control', 'seed'],
  flags: [...LINE_WORDS.flags, 'exit-with-stdin'],
};

type SimulateIo = Pick<CliIo, 'out' | 'cwd' | 'clock' | 'stop' | 'stdinEnded' | 'started'>;

/** A simulated line of boards and meters on a pseudo terminal, until it is told to stop. It outlives its clients. */
export async function run(words: readonly string[], io: SimulateIo): Promise<number> {
  const args = readArgs(words, SHAPE);
  const line = lineOf(args);
  const seed = wholeNumber(args, 'seed', 0, 2 ** 32 - 1) ?? 1;
  const controlPort = wholeNumber(args, 'control', 0, 65_535);
  const bus = createBus(line, io.clock, seededRandom(seed));
  try {
    letFlow(bus, line.meters, args, io.clock);
    return await serve(bus, controlPort, args, io);
  } finally {
    for (const meter of bus.meters) meter.close();
  }
}

async function serve(bus: SimulatedBus, controlPort: number | undefined, args: Args, io: SimulateIo): Promise<number> {
  const control = controlPort === undefined ? null : await openControl(bus, controlPort);
  try {
    const port = openPort(() => servePty(bus.wire, io.clock, linkPath(args, io.cwd)));
    try {
      io.out(`${bus.boards.length > 0 ? 'board' : 'meter'} ready on ${port.path}`);
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

function linkPath(args: Args, cwd: string): string | undefined {
  const given = args.value('link');
  return given === undefined ? undefined : resolve(cwd, given);
}

async function openControl(bus: SimulatedBus, port: number): Promise<ControlServer> {
  try {
    return await serveControl(bus, port);
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
