import type { Clock } from '../../relay-drivers/clock.ts';

/** A stall of the hub counts as no more than this (locks.md: queued renewals run before expiries). */
const STALL_COUNTS_MS = 200;

/** How long hubs lived, by the rule and not by their word: never less than what the hub itself counts. */
export class UpClock {
  readonly #clock: Clock;
  #isAlive = false;
  #upMs = 0;
  #seenMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    const nowMs = this.#clock.nowMs();
    if (this.#isAlive && nowMs > this.#seenMs) this.#upMs += nowMs - this.#seenMs;
    this.#seenMs = Math.max(nowMs, this.#seenMs);
    return this.#upMs;
  }

  born(): void {
    this.now();
    this.#isAlive = true;
  }

  died(): void {
    this.now();
    this.#isAlive = false;
    this.#seenMs = this.#clock.nowMs();
  }

  /** Counted at its beginning: what is asked meanwhile is heard at its end. */
  stall(ms: number): void {
    this.now();
    this.#upMs += Math.min(ms, STALL_COUNTS_MS);
    this.#seenMs = this.#clock.nowMs() + ms;
  }
}
