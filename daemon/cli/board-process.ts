import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Clock, pause } from '../../relay-drivers/clock.ts';
import { runError } from './errors.ts';

export interface BoardOptions {
  /** How to start this program: `[file, ...args]`. */
  readonly self: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly channels: number;
  /** What else hangs on the line, in the words of `voltsafe simulate`. */
  readonly more?: readonly string[];
  /** Where the board's port is to be found. */
  readonly link: string;
  /** Words for the person at the terminal. */
  readonly say: (line: string) => void;
}

const READY = /^board ready on /;
const CONTROL = /^control on (\S+)$/;
const READY_MS = 10_000;
const STOP_MS = 2000;
/** Between a board that died and the next one. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * The simulated board as a process of its own: it shares nothing with the hub but the serial line, and when it dies the
 * hub sees what it would see of a real one. It holds on to our stdin pipe and ends with it, so it outlives no hub.
 */
export class BoardProcess {
  readonly #options: BoardOptions;
  #child: ChildProcess | null = null;
  #control: string | null = null;
  #isStopping = false;
  #told: string | null = null;
  #cancelRestart: (() => void) | null = null;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(options: BoardOptions) {
    this.#options = options;
  }

  /** Where faults are set and the truth is read, over HTTP. */
  get control(): string | null {
    return this.#control;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the board answers on its port; rejects when it does not start. */
  async start(): Promise<void> {
    const child = this.#spawn();
    this.#child = child;
    try {
      await this.#ready(child);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#repeat();
    if (child.exitCode === null && child.signalCode === null) child.once('exit', () => this.#died());
    else this.#died();
  }

  /** What it is to hear on its stdin, now and after each start. */
  tell(line: string): void {
    this.#told = line;
    this.#repeat();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelRestart?.();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
    });
    child.stdin?.end();
    await Promise.race([ended, pause(this.#options.clock, STOP_MS)]);
    child.kill('SIGKILL');
  }

  #repeat(): void {
    if (this.#told !== null) this.#child?.stdin?.write(`${this.#told}\n`);
  }

  #spawn(): ChildProcess {
    const { self, env, channels, more = [], link } = this.#options;
    const [file = '', ...first] = self;
    // The next board takes the control port of the one before, so that the printed address holds.
    const control = this.#control === null ? '0' : new URL(this.#control).port;
    const words = ['simulate', '--board', 'modbus-coils', '--channels', String(channels), '--link', link];
    const args = [...first, ...words, ...more, '--control', control, '--exit-with-stdin'];
    // Its own process group: Ctrl-C is for the hub, which then ends the board.
    const child = spawn(file, args, { env, detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin?.on('error', () => {});
    return child;
  }

  #ready(child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        cancel();
        reject(runError(`the simulated board does not start: ${why}`));
      };
      const cancel = this.#options.clock.after(READY_MS, () => fail(`not ready within ${READY_MS / 1000} s`));
      child.once('error', (error) => fail(error.message));
      child.once('exit', (code) => fail(`it ended with exit code ${code}`));
      let isReady = false;
      const { stdout } = child;
      if (!stdout) return fail('it has no output');
      createInterface({ input: stdout }).on('line', (line) => {
        isReady ||= READY.test(line);
        const control = CONTROL.exec(line)?.[1];
        if (!isReady || control === undefined) return;
        this.#control = control;
        cancel();
        resolve();
      });
    });
  }

  #died(): void {
    if (this.#isStopping) return;
    this.#options.say(
      `the simulated board is gone (its relays are unknown); the next one in ${this.#pauseMs / 1000} s`,
    );
    this.#cancelRestart = this.#options.clock.after(this.#pauseMs, () => void this.#again());
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  async #again(): Promise<void> {
    try {
      await this.start();
      this.#options.say(`the simulated board is back, its control on ${this.#control}`);
    } catch {
      this.#control = null;
      this.#died();
    }
  }
}
