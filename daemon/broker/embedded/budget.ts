import type { Clock } from '../../../relay-drivers/clock.ts';

/** Bytes that many share. */
export class Budget {
  readonly #limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** False: this was too much. It is counted all the same, until it is given back. */
  change(bytes: number): boolean {
    this.#usedBytes += bytes;
    return bytes <= 0 || this.#usedBytes <= this.#limitBytes;
  }
}

/** Messages per second, with a burst. */
export class Tokens {
  readonly #clock: Clock;
  readonly #perS: number;
  readonly #burst: number;
  #left: number;
  #atMs: number;

  constructor(clock: Clock, perS: number, burst: number) {
    this.#clock = clock;
    this.#perS = perS;
    this.#burst = burst;
    this.#left = burst;
    this.#atMs = clock.nowMs();
  }

  /** Takes one; returns for how long to take no more. */
  takeMs(): number {
    const nowMs = this.#clock.nowMs();
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#atMs) * this.#perS) / 1000) - 1;
    this.#atMs = nowMs;
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left * 1000) / this.#perS);
  }
}
