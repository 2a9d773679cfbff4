import type { Clock } from '../clock.ts';
import { atMoment, isReached } from './moment.ts';

interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

/** Things that happen at given moments, strictly in the order they were put in, on one timer. */
export class Lane {
  readonly #clock: Clock;
  #queue: Due[] = [];
  #disarm: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  at(atMs: number, run: () => void): void {
    this.#queue.push({ atMs, run });
    this.#arm();
  }

  /** Nothing of what was still to come happens. */
  clear(): void {
    this.#queue = [];
    this.#disarm?.();
    this.#disarm = null;
  }

  #arm(): void {
    const head = this.#queue[0];
    if (head && !this.#disarm) this.#disarm = atMoment(this.#clock, head.atMs, () => this.#fire());
  }

  #fire(): void {
    this.#disarm = null;
    for (let head = this.#queue[0]; head && isReached(this.#clock, head.atMs); head = this.#queue[0]) {
      this.#queue.shift();
      head.run();
    }
    this.#arm();
  }
}
