import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArgs } from './args.ts';
import { wordsOf } from './errors.ts';
import { type CliIo, OK } from './io.ts';
import { SYNOPSIS } from './synopsis.ts';

const RUNS = /^VoltSafe Hub runs/m;
/** On the slowest machine that is meant to run a hub, with nothing compiled yet. */
const READY_MS = 60_000;
const STOP_MS = 15_000;

/**
 * Runs what `npm start` and `run` run, so that Node keeps it compiled: the first start of a person is like every later
 * one. Never fails: `npm ci` ends with it, and a hub starts without it too.
 */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  readArgs(words, { usage: SYNOPSIS.warm });
  try {
    await inScratch(async (folder) => {
      const config = join(folder, 'house.yaml');
      await writeFile(config, 'http: { host: 127.0.0.1, port: 0 }\nmqtt: { host: 127.0.0.1, port: 0 }\n');
      const dataDir = ['--data-dir', join(folder, 'data')];
      // A file is kept as it was when first used: the one that does more goes first. Both before either is judged, for
      // where one cannot run (no pseudo terminal) the other one can.
      const start = await once(['start', '--host', '127.0.0.1', '--port', '0', '--mqtt-port', '0', ...dataDir], io);
      const run = await once(['run', '--config', config, ...dataDir], io);
      const fault = start ?? run;
      if (fault !== null) throw new Error(fault);
    });
  } catch (error) {
    io.err(`voltsafe: not all is compiled ahead (${wordsOf(error)}); the first start does the rest and takes longer`);
  }
  return OK;
}

async function inScratch(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'voltsafe-warm-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts a hub and stops it when it runs; what went wrong in one line, or null. */
async function once(args: readonly string[], { self, env, clock }: CliIo): Promise<string | null> {
  const [file = '', ...first] = self;
  // What a supervisor of ours waits for is not theirs to say.
  const own = { ...env, NOTIFY_SOCKET: undefined };
  const child = spawn(file, [...first, ...args], { env: own, stdio: ['ignore', 'pipe', 'pipe'] });
  const cancel = [
    clock.after(READY_MS, () => void child.kill('SIGTERM')),
    clock.after(READY_MS + STOP_MS, () => void child.kill('SIGKILL')),
  ];
  const fault = await ended(child);
  for (const stop of cancel) stop();
  return fault;
}

function ended(child: ChildProcess): Promise<string | null> {
  const text = { out: '', err: '' };
  let isRunning = false;
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text.out += chunk;
    if (isRunning || !RUNS.test(text.out)) return;
    isRunning = true;
    child.kill('SIGTERM');
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text.err += chunk;
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => {
      const isFine = isRunning && code === 0;
      resolve(isFine ? null : lastWords(text.err) || `a hub ended with exit code ${code}`);
    });
  });
}

function lastWords(text: string): string {
  const [last = ''] = text.trim().split('\n').slice(-1);
  return last.replace(/^voltsafe: /, '');
}
