import { zoneOf } from '../zones/find.ts';
import type { Zone } from '../zones/zone.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './limits.ts';

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** No local day is longer, not even one that repeats an hour. */
const LONGEST_DAY_MS = 26 * HOUR_MS;

/** Eleven years of days: as many as a picture is likely to show, some 300 kB. */
const MAX_ENDS = 4000;

/**
 * Days and months of a time zone. A day begins with the first minute of its date: at midnight, or
 * at one where the clocks go forward at midnight; it has 23, 24 or 25 hours, or others where a country moved its clocks
 * otherwise. Edges are searched for, not computed from offsets: a local date never goes back over midnight.
 */
export class Calendar {
  readonly #zone: Zone;
  readonly #ends = new Map<number, number>();
  #last: Span | null = null;

  constructor(timezone: string) {
    this.#zone = zoneOf(timezone);
  }

  /** The day that a moment lies in. The last answer is kept: minutes come in order. */
  dayOf(atMs: number): Span {
    const last = this.#last;
    if (last !== null && last.startMs <= atMs && atMs < last.endMs) return last;
    const { date, sinceMidnightMs } = this.#localOf(atMs);
    const usual = floorMinute(atMs) - sinceMidnightMs;
    const isStart = this.#dateOf(usual) === date && this.#dateOf(usual - MINUTE_MS) < date;
    const startMs = isStart ? usual : this.#first(usual - LONGEST_DAY_MS, atMs, (day) => day >= date);
    this.#last = { startMs, endMs: this.dayEnd(startMs) };
    return this.#last;
  }

  /** Of the day that begins then. */
  dayEnd(startMs: number): number {
    const known = this.#ends.get(startMs);
    if (known !== undefined) return known;
    const date = this.#dateOf(startMs);
    const isEnd = (atMs: number) => this.#dateOf(atMs) > date && this.#dateOf(atMs - MINUTE_MS) === date;
    const usual = startMs + DAY_MS;
    const endMs = isEnd(usual) ? usual : this.#first(startMs, startMs + 2 * LONGEST_DAY_MS, (day) => day > date);
    if (this.#ends.size >= MAX_ENDS) this.#ends.clear();
    this.#ends.set(startMs, endMs);
    return endMs;
  }

  /** Days since 1970, as a calendar counts them. */
  dayNumber(atMs: number): number {
    const date = this.#dateOf(atMs);
    return Date.UTC(Math.floor(date / 10_000), (monthIn(date) % 100) - 1, date % 100) / DAY_MS;
  }

  monthOf(atMs: number): Span {
    const month = monthIn(this.#dateOf(atMs));
    const startMs = this.#first(floorMinute(atMs) - 32 * DAY_MS, atMs, (day) => monthIn(day) >= month);
    return { startMs, endMs: this.#first(atMs, atMs + 33 * DAY_MS, (day) => monthIn(day) > month) };
  }

  /** The first minute in a span for which it is so; at its end it must be. */
  #first(fromMs: number, toMs: number, isSo: (date: number) => boolean): number {
    let low = Math.floor(fromMs / MINUTE_MS);
    let high = Math.floor(toMs / MINUTE_MS);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (isSo(this.#dateOf(middle * MINUTE_MS))) high = middle;
      else low = middle + 1;
    }
    return low * MINUTE_MS;
  }

  #dateOf(atMs: number): number {
    return this.#localOf(atMs).date;
  }

  /** The date like 20261121: dates compare as numbers. */
  #localOf(atMs: number): { date: number; sinceMidnightMs: number } {
    const localMs = atMs + this.#zone.offsetMsAt(atMs);
    const local = new Date(localMs);
    const date = local.getUTCFullYear() * 10_000 + (local.getUTCMonth() + 1) * 100 + local.getUTCDate();
    return { date, sinceMidnightMs: floorMinute(localMs - Math.floor(localMs / DAY_MS) * DAY_MS) };
  }
}

function monthIn(date: number): number {
  return Math.floor(date / 100);
}

function floorMinute(atMs: number): number {
  return Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
}
