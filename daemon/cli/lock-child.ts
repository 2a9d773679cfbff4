import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { type Clock, pause } from '../../relay-drivers/clock.ts';
import { runError, wordsOf } from './errors.ts';
import type { CliIo } from './io.ts';

export interface ChildParts {
  readonly words: readonly string[];
  readonly env: CliIo['env'];
  readonly cwd: string;
  readonly clock: Clock;
  readonly signalGroup: CliIo['signalGroup'];
}

/** Between SIGTERM and SIGKILL. */
const LAST_MS = 5000;
const LOOK_MS = 50;

/** A command that runs while a lock is held, with all that it starts: they are one process group. */
export class LockedChild {
  /** Its exit code, 128 + n where a signal ended it. Rejects when it could not be started. */
  readonly ended: Promise<number>;
  readonly #parts: ChildParts;
  readonly #child: ChildProcess;

  constructor(parts: ChildParts) {
    const { words, env, cwd } = parts;
    const [file = '', ...args] = words;
    this.#parts = parts;
    this.#child = spawn(file, args, { env, cwd, detached: true, stdio: 'inherit' });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', (error) => reject(runError(`${file} cannot be run: ${wordsOf(error)}`)));
      this.#child.once('exit', (code, signal) => resolve(code ?? codeOf(signal)));
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#toAll(name);
  }

  /** SIGTERM, and SIGKILL for whatever is left after 5 s. Resolves when all of it is gone. */
  async end(): Promise<void> {
    const { clock } = this.#parts;
    const lastMs = clock.nowMs() + LAST_MS;
    this.#toAll('SIGTERM');
    while (this.#toAll(0) && clock.nowMs() < lastMs) await pause(clock, LOOK_MS);
    this.#toAll('SIGKILL');
    await this.ended.catch(() => undefined);
  }

  /** False: nobody of them is left. */
  #toAll(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    return pid !== undefined && this.#parts.signalGroup(pid, signal);
  }
}

/** As shells say it. */
export function codeOf(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}
