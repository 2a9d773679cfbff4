import { startOf, type Unit } from './zone.ts';

/** What part of the past is shown. */
export interface Range {
  readonly fromMs: number;
  /** Exclusive; may lie ahead, as the rest of today does. */
  readonly toMs: number;
  /** The button that chose it; `free` once somebody zoomed or moved by hand. */
  readonly step: Step | 'free';
}

export const STEPS = ['hour', 'day', 'week', 'month', 'year'] as const;
export type Step = (typeof STEPS)[number];

export interface Present {
  readonly nowMs: number;
  readonly timeZone: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const SHORTEST_MS = 5 * MINUTE_MS;
export const LONGEST_MS = 10 * 366 * 24 * HOUR_MS;
const EARLIEST_MS = Date.UTC(2010, 0);

/** The hour up to now; the day, week, month or year that contains a moment. */
export function rangeOf(step: Step, atMs: number, { nowMs, timeZone }: Present): Range {
  if (step !== 'hour') return whole(step, atMs, timeZone);
  const toMs = Math.min(nowMs, atMs + HOUR_MS / 2);
  return { fromMs: toMs - HOUR_MS, toMs, step };
}

function whole(step: Unit, atMs: number, timeZone: string): Range {
  return { fromMs: startOf(step, atMs, timeZone), toMs: startOf(step, atMs, timeZone, 1), step };
}

/** The one before (-1) or after (1): the day before is that of the calendar, whatever its length. */
export function moved(range: Range, by: -1 | 1, present: Present): Range {
  const { step, fromMs, toMs } = range;
  if (step === 'free' || step === 'hour')
    return withinNow({ ...range, ...shifted(range, by * (toMs - fromMs)) }, present);
  const start = startOf(step, fromMs, present.timeZone, by);
  return start > present.nowMs ? range : whole(step, start, present.timeZone);
}

/** By dragging. */
export function slid(range: Range, byMs: number, present: Present): Range {
  return withinNow({ ...shifted(range, byMs), step: 'free' }, present);
}

/** Closer (below 1) or wider (above 1) around a moment, from five minutes to ten years. */
export function zoomed(range: Range, factor: number, aroundMs: number, present: Present): Range {
  const span = range.toMs - range.fromMs;
  const wanted = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, span * factor));
  const share = Math.min(1, Math.max(0, (aroundMs - range.fromMs) / span));
  const fromMs = Math.round(aroundMs - wanted * share);
  return withinNow({ fromMs, toMs: Math.round(fromMs + wanted), step: 'free' }, present);
}

/** What was selected with the mouse; too little of it is no selection. */
export function selected(fromMs: number, toMs: number, present: Present): Range {
  const middle = (fromMs + toMs) / 2;
  const half = Math.max(SHORTEST_MS, toMs - fromMs) / 2;
  return withinNow({ fromMs: Math.round(middle - half), toMs: Math.round(middle + half), step: 'free' }, present);
}

/** A range that ends now, or later, goes along with the time. */
export function isLive({ fromMs, toMs }: Range, nowMs: number): boolean {
  return fromMs <= nowMs && toMs >= nowMs - MINUTE_MS;
}

/** As time goes on: an hour up to now moves along; today becomes yesterday only by hand. */
export function followed(range: Range, present: Present): Range {
  return range.step === 'hour' && isLive(range, present.nowMs) ? rangeOf('hour', present.nowMs, present) : range;
}

/** As much as is shown, up to now. */
export function lastOf(range: Range, present: Present): Range {
  const { step, fromMs, toMs } = range;
  if (step !== 'free') return rangeOf(step, present.nowMs, present);
  return { fromMs: present.nowMs - (toMs - fromMs), toMs: present.nowMs, step };
}

export function isLast(range: Range, nowMs: number): boolean {
  return range.toMs >= nowMs;
}

function shifted({ fromMs, toMs }: Range, byMs: number): { fromMs: number; toMs: number } {
  return { fromMs: Math.round(fromMs + byMs), toMs: Math.round(toMs + byMs) };
}

/** Nothing is known of the future, nor of the time before there were such hubs: a picture of it would be empty. */
function withinNow(range: Range, { nowMs }: Present): Range {
  const backMs = Math.max(0, range.toMs - nowMs);
  const forthMs = Math.max(0, EARLIEST_MS - (range.fromMs - backMs));
  return { ...range, ...shifted(range, forthMs - backMs) };
}
