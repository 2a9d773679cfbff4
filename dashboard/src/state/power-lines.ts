import type { PowerPointView } from '../wire.ts';

/** One source as the chart draws it: seconds since 1970, and watts; null: nobody heard anything, the line is broken. */
export interface PowerLine {
  readonly x: number[];
  readonly measured: (number | null)[];
  /** Where rated watts stand in. */
  readonly estimated: (number | null)[];
  readonly least: (number | null)[];
  readonly most: (number | null)[];
  readonly points: (PowerPointView | null)[];
}

export interface Tail {
  readonly nowMs: number;
  readonly powerW: number;
  readonly estimated: boolean;
}

/** Between neighbours of one picture; the open minute is not there yet. */
const NEAR_MS = 1000;
const TAIL_MS = 3 * 60_000;

export function lineOf(points: readonly PowerPointView[], tail: Tail | null = null): PowerLine {
  const line: PowerLine = { x: [], measured: [], estimated: [], least: [], most: [], points: [] };
  const all = tail === null ? points : [...points, ...tailOf(points, tail)];
  let endMs = Number.NEGATIVE_INFINITY;
  let last: PowerPointView | null = null;
  for (const point of all) {
    const startMs = Date.parse(point.at);
    if (last !== null && startMs - endMs > NEAR_MS) breakAt(line, endMs, last);
    push(line, startMs, point, last !== null && startMs - endMs <= NEAR_MS ? last : null);
    endMs = startMs + point.span_s * 1000;
    last = point;
  }
  if (last !== null) breakAt(line, endMs, last);
  return line;
}

/** The minute that is not over: what is drawn now goes on from the last point, unless that is long ago. */
function tailOf(points: readonly PowerPointView[], { nowMs, powerW, estimated }: Tail): PowerPointView[] {
  const last = points.at(-1);
  if (last === undefined) return [];
  const endMs = Date.parse(last.at) + last.span_s * 1000;
  if (nowMs <= endMs || nowMs - endMs > TAIL_MS) return [];
  const at = new Date(endMs).toISOString();
  const span_s = (nowMs - endMs) / 1000;
  const watts = { avg_w: powerW, min_w: powerW, max_w: powerW, energy_wh: (powerW * span_s) / 3600 };
  return [{ ...last, ...watts, at, span_s, covered_s: span_s, samples: 0, estimated, voltage_v: null }];
}

/** A step lasts to where the next begins; one that changes its kind reaches to the first of the other. */
function push(line: PowerLine, startMs: number, point: PowerPointView, before: PowerPointView | null): void {
  const { avg_w: watts, estimated, min_w: least, max_w: most } = point;
  const isTurning = before !== null && before.estimated !== estimated;
  const other = isTurning ? watts : null;
  line.x.push(startMs / 1000);
  line.measured.push(estimated ? other : watts);
  line.estimated.push(estimated ? watts : other);
  line.least.push(least);
  line.most.push(most);
  line.points.push(point);
}

/** The last step is as long as its span; then nothing. */
function breakAt(line: PowerLine, endMs: number, last: PowerPointView): void {
  push(line, endMs - 1, last, null);
  for (const values of [line.measured, line.estimated, line.least, line.most]) values.push(null);
  line.x.push(endMs / 1000);
  line.points.push(null);
}

export interface Heard {
  readonly energyWh: number;
  readonly averageW: number;
  readonly most: PowerPointView | null;
  readonly coveredS: number;
  readonly estimated: boolean;
}

/** What a range says in a sentence; null where nothing was heard. */
export function summaryOf(points: readonly PowerPointView[]): Heard | null {
  const coveredS = points.reduce((sum, { covered_s }) => sum + covered_s, 0);
  if (coveredS === 0) return null;
  const energyWh = points.reduce((sum, { energy_wh }) => sum + energy_wh, 0);
  const area = points.reduce((sum, { avg_w, covered_s }) => sum + avg_w * covered_s, 0);
  const most = points.reduce<PowerPointView | null>(
    (top, one) => (top === null || one.max_w > top.max_w ? one : top),
    null,
  );
  return { energyWh, averageW: area / coveredS, most, coveredS, estimated: points.some(({ estimated }) => estimated) };
}
