import type { Clock } from '../../relay-drivers/clock.ts';
import { TIMES } from './limits.ts';

/** More periods than this without a telegram are a gap. */
const GAP_PERIODS = 2;
/** Windows are counted in periods: so few telegrams of each keep them small, whatever a meter or a wire does. */
const TELEGRAMS_PER_PERIOD = 50;

/**
 * Telegrams as they may be heeded. A stalled connection hands over what it held back in one go, and old telegrams are
 * not the present: after a gap one waits a little, and of what comes meanwhile the newest is heard. The same holds for
 * those that come faster than any meter talks.
 */
export class Pacer<T> {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #hear: (telegram: T) => void;
  #heardAtMs: number | null = null;
  #waiting: { telegram: T; readonly cancel: () => void } | null = null;

  constructor(clock: Clock, periodMs: number, hear: (telegram: T) => void) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#hear = hear;
  }

  push(telegram: T): void {
    if (this.#waiting !== null) {
      this.#waiting.telegram = telegram;
      return;
    }
    const waitMs = this.#waitMs();
    if (waitMs <= 0) return this.#pass(telegram);
    this.#waiting = { telegram, cancel: this.#clock.after(waitMs, () => this.#due()) };
  }

  close(): void {
    this.#waiting?.cancel();
    this.#waiting = null;
  }

  #waitMs(): number {
    const sinceMs = this.#clock.nowMs() - (this.#heardAtMs ?? Number.NEGATIVE_INFINITY);
    const isGap = this.#heardAtMs !== null && sinceMs > GAP_PERIODS * this.#periodMs;
    if (isGap) return Math.min(this.#periodMs / 2, TIMES.backlogMs);
    return Math.max(TIMES.telegramMs, this.#periodMs / TELEGRAMS_PER_PERIOD) - sinceMs;
  }

  #due(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) this.#pass(waiting.telegram);
  }

  #pass(telegram: T): void {
    this.#heardAtMs = this.#clock.nowMs();
    this.#hear(telegram);
  }
}
