import type { Clock } from '../../relay-drivers/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * Time that moves only when told to. Timers run in the order of their due time, then of their making; between two of
 * them every promise that can settle does, so a run is the same each time.
 */
export class VirtualClock implements Clock {
  /** Sorted, the next one last. */
  readonly #timers: Timer[] = [];
  readonly #wallStartMs: number;
  #nowMs = 0;
  #order = 0;

  constructor(wallStartMs = Date.UTC(2026, 0, 1)) {
    this.#wallStartMs = wallStartMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#wallStartMs + Math.floor(this.#nowMs);
  }

  after(delayMs: number, run: () => void): () => void {
    this.#order += 1;
    const timer: Timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, run };
    this.#timers.splice(this.#placeOf(timer), 0, timer);
    return () => this.#cancel(timer);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** When the next timer is due; null when none waits. */
  get nextDueMs(): number | null {
    return this.#timers.at(-1)?.dueMs ?? null;
  }

  /** Lets everything happen that falls due in the next `ms`, including what only then comes up. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.settle();
    while ((this.nextDueMs ?? Number.POSITIVE_INFINITY) <= endMs) await this.step();
    this.#nowMs = endMs;
    await this.settle();
  }

  /** Runs the next timer and what follows from it; false when none waits. */
  async step(): Promise<boolean> {
    const timer = this.#timers.pop();
    if (!timer) return false;
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.run();
    await this.settle();
    return true;
  }

  /** Moves from timer to timer until `isDone`; fails when that takes more than `limitMs`. */
  async until(isDone: () => boolean, limitMs = 60_000): Promise<void> {
    const endMs = this.#nowMs + limitMs;
    await this.settle();
    while (!isDone()) {
      const dueMs = this.nextDueMs;
      if (dueMs === null || dueMs > endMs)
        throw new Error(`not so within ${limitMs} ms of virtual time (${this.pending} timers wait)`);
      await this.step();
    }
  }

  /** Moves time until the promise settles, and hands on what became of it. */
  async settled<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    promise.then(end, end);
    await this.until(() => isOver, limitMs);
    return promise;
  }

  /** Runs every promise reaction that can run. An immediate comes only after all of them, however long the chain. */
  settle(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  #placeOf(timer: Timer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle];
      if (other && (other.dueMs > timer.dueMs || (other.dueMs === timer.dueMs && other.order > timer.order)))
        low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #cancel(timer: Timer): void {
    const index = this.#timers.indexOf(timer);
    if (index >= 0) this.#timers.splice(index, 1);
  }
}
