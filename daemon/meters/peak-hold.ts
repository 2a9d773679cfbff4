import { HOLD_MINUTES } from './limits.ts';

const MINUTE_MS = 60_000;

/** The highest value of the last quarter of an hour, kept by the minute, on a clock that the caller may hold still. */
export class PeakHold {
  readonly #peaks = new Map<number, number>();

  add(atMs: number, value: number): void {
    const minute = minuteOf(atMs);
    this.#peaks.set(minute, Math.max(value, this.#peaks.get(minute) ?? 0));
    this.#forget(minute);
  }

  /** Of what is still remembered: time passes with `add` alone, so that a silent meter keeps its last peak. */
  get highest(): number {
    return Math.max(0, ...this.#peaks.values());
  }

  /** A minute that has begun counts whole: a peak is held for a quarter of an hour at least. */
  #forget(nowMinute: number): void {
    for (const minute of this.#peaks.keys()) if (minute < nowMinute - HOLD_MINUTES) this.#peaks.delete(minute);
  }
}

function minuteOf(atMs: number): number {
  return Math.floor(atMs / MINUTE_MS);
}
