import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import type { Place } from './place.ts';

/** Far beyond any start on a busy machine: it ends a wait that would never end. */
const PATIENCE_MS = 60_000;

type Env = Readonly<Record<string, string | undefined>>;

/** A Node process of its own; its stderr is ours. It ends with its place, or with us. */
export class Child {
  readonly startedMs = performance.now();
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #out = '';
  #look: () => void = () => undefined;
  #isOver = false;

  constructor(place: Place, words: readonly string[], env: Env = process.env) {
    // The pipe on stdin ends with us, whatever ends us: the programs of this folder go with it.
    const child = spawn(process.execPath, words, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text;
      this.#look();
    });
    this.#ended = new Promise((resolve) => child.once('close', () => resolve(this.#close())));
    const kill = () => void child.kill('SIGKILL');
    process.once('exit', kill);
    void this.#ended.then(() => process.off('exit', kill));
    place.atEnd(() => this.end('SIGKILL'));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What stands in the first group of a pattern, once stdout matches it. */
  said(pattern: RegExp, patienceMs = PATIENCE_MS): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`a process ${why} before it said ${pattern}: ${this.#out}`));
      const cancel = systemClock.after(patienceMs, () => fail('took too long'));
      this.#look = () => {
        const found = pattern.exec(this.#out)?.[1];
        if (found === undefined && !this.#isOver) return;
        cancel();
        if (found === undefined) fail('ended');
        else resolve(found);
      };
      this.#look();
    });
  }

  /** Resolves when it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }

  #close(): void {
    this.#isOver = true;
    this.#look();
  }
}
