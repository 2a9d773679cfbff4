import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../daemon/voltsafe.js', import.meta.url));
/** Far beyond any start on a busy machine: it ends a wait that would never end. */
const PATIENCE_MS = 30_000;

const alive = new Set<ChildProcess>();
// Also when the test runner itself is told to go: nothing of ours outlives it.
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** `voltsafe ...` as a process of its own, with everything it said. */
export class Program {
  readonly #child: ChildProcess;
  readonly #heard = new Set<() => void>();
  readonly #name: string;
  /** The exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  out = '';
  err = '';
  isOver = false;

  constructor(words: readonly string[]) {
    this.#name = words[0] ?? '';
    // The pipe on stdin ends with this process, whatever ends it: a simulated board goes with it.
    const child = spawn(process.execPath, [BIN, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    alive.add(child);
    child.stdin.on('error', () => undefined);
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#said('out', text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#said('err', text));
    this.ended = new Promise((resolve) => {
      child.once('close', (code) => {
        alive.delete(child);
        this.isOver = true;
        this.#tellAll();
        resolve(code);
      });
    });
  }

  /** What stands in the first group of a pattern, once stdout matches it. */
  said(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#heard.delete(look);
      };
      const look = () => {
        const found = pattern.exec(this.out);
        if (found === null && !this.isOver) return;
        settle();
        if (found !== null) resolve(found[1] ?? found[0]);
        else reject(new Error(`voltsafe ${this.#name} ended before it said ${pattern}: ${this.out}${this.err}`));
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`voltsafe ${this.#name} never said ${pattern}: ${this.out}${this.err}`));
      }, PATIENCE_MS);
      this.#heard.add(look);
      look();
    });
  }

  /** Resolves when the process is gone and everything it said was read. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await this.ended;
  }

  /** As `kill`, without waiting: for a crash at this very moment. */
  strike(): void {
    this.#child.kill('SIGKILL');
  }

  #said(where: 'out' | 'err', text: string): void {
    this[where] += text;
    this.#tellAll();
  }

  #tellAll(): void {
    for (const look of [...this.#heard]) look();
  }
}

/** Runs a command to its end. */
export async function voltsafe(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const program = new Program(words);
  const code = await program.ended;
  return { code, out: program.out, err: program.err };
}
