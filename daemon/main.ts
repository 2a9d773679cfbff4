import { flushCompileCache } from 'node:module';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type CliIo, FAILED } from './cli/io.ts';
import { systemClock } from './observe/system-clock.ts';

/**
 * The process shell: argv, environment, signals, exit codes. The only file of the daemon that touches the process;
 * all else is given what it needs, so that two hubs can live in one process. voltsafe.js comes before it: the right
 * Node, umask and compile cache must be there before the first line of TypeScript.
 */

process.on('uncaughtException', (error) => die(error));
process.on('unhandledRejection', (reason) => die(reason));
// A closed terminal or pipe is no reason to stop switching relays.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const { dispatch } = await import('./cli/dispatch.ts');
process.exit(await dispatch(process.argv.slice(2), realIo()));

function realIo(): CliIo {
  let stop: AbortSignal | null = null;
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    // Listening starts with the first look: a command that never looks dies of a signal like any program.
    get stop() {
      stop ??= stopOnSignals();
      return stop;
    },
    onSignal,
    signalGroup,
    stdinEnded,
    self: [process.execPath, fileURLToPath(new URL('./voltsafe.js', import.meta.url))],
    started: () => flushCompileCache(),
  };
}

function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(FAILED);
      controller.abort(signal);
    });
  }
  return controller.signal;
}

function onSignal(listener: (name: NodeJS.Signals) => void): () => void {
  // Ctrl-Z among them: who is stopped does not renew.
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGTSTP', 'SIGUSR2'] as const;
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

function stdinEnded(onLine?: (line: string) => void): Promise<void> {
  if (onLine) createInterface({ input: process.stdin }).on('line', onLine);
  return new Promise((resolve) => {
    for (const event of ['end', 'close', 'error']) process.stdin.once(event, () => resolve());
    process.stdin.resume();
  });
}

/** One line for a person; the whole story with VOLTSAFE_DEBUG=1. */
function die(reason: unknown): never {
  const error = reason instanceof Error ? reason : new Error(String(reason));
  const frame = error.stack?.split('\n').find((line) => line.trimStart().startsWith('at '));
  process.stderr.write(`voltsafe: stopped by an unexpected error: ${error.message} (${frame?.trim() ?? 'no trace'})\n`);
  if (process.env.VOLTSAFE_DEBUG === '1') process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(FAILED);
}
