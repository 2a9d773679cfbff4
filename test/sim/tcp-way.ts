import type { Clock } from '../../relay-drivers/clock.ts';

interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

/** One direction of a TCP connection: nothing is lost and nothing overtakes, but it may take its time, or stand still. */
export class TcpWay {
  /** What is put in from now on takes so long. */
  delayMs = 0;
  readonly #clock: Clock;
  #queue: Due[] = [];
  #isStalled = false;
  #disarm: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isStalled(): boolean {
    return this.#isStalled;
  }

  put(run: () => void): void {
    if (this.#queue.length === 0 && this.delayMs === 0 && !this.#isStalled) return run();
    this.#queue.push({ atMs: this.#clock.nowMs() + this.delayMs, run });
    this.#arm();
  }

  stall(): void {
    this.#isStalled = true;
    this.#disarm?.();
    this.#disarm = null;
  }

  resume(): void {
    this.#isStalled = false;
    this.#arm();
  }

  /** The connection was reset. */
  clear(): void {
    this.#queue = [];
    this.#disarm?.();
    this.#disarm = null;
  }

  #arm(): void {
    const [head] = this.#queue;
    if (head === undefined || this.#isStalled || this.#disarm !== null) return;
    this.#disarm = this.#clock.after(Math.max(0, head.atMs - this.#clock.nowMs()), () => this.#fire());
  }

  #fire(): void {
    this.#disarm = null;
    const due = this.#queue.shift();
    this.#arm();
    due?.run();
  }
}
