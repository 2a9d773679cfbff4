import type { PowerRow, Resolution } from '../core/power.ts';
import type { Measures } from './combine.ts';
import { MINUTE_MS } from './limits.ts';

/** Rows as the file has them. */

/** Quarters of an hour are for pictures only: a day of twenty sources would be too many minutes. Nobody copies them. */
export type Level = Resolution | 'quarter';

export const LEVELS: Record<Level, number> = { minute: 0, hour: 1, day: 2, quarter: 3 };
export const RESOLUTION_OF: readonly Resolution[] = ['minute', 'hour', 'day'];

const ESTIMATED = 1;
const CLOCK_UNSURE = 2;

export type Stored = [
  at: number,
  source: number,
  rev: number | null,
  avgMw: number,
  minMw: number,
  maxMw: number,
  energyMwh: number,
  voltageMv: number | null,
  coveredMs: number,
  samples: number,
  interactiveMw: number | null,
  backgroundMw: number | null,
  flags: number,
];

export const COLUMNS =
  'at, source, rev, avg_mw, min_mw, max_mw, energy_mwh, voltage_mv, covered_ms, samples, interactive_mw, background_mw, flags';

export function measuresOf(row: Stored): Measures {
  const [, , , avgMw, minMw, maxMw, energyMwh, voltageMv, coveredMs, samples, interactiveMw, backgroundMw, flags] = row;
  return {
    avgMw,
    minMw,
    maxMw,
    energyMwh,
    voltageMv,
    coveredMs,
    samples,
    isEstimated: (flags & ESTIMATED) !== 0,
    interactiveMw,
    backgroundMw,
    isClockSure: (flags & CLOCK_UNSURE) === 0,
  };
}

export function rowOf(row: Stored, source: string): PowerRow {
  return { source, startMs: row[0] * MINUTE_MS, ...measuresOf(row) };
}

/** In the order of the columns, after `at`, `source` and `rev`. */
export function storedOf(measures: Measures): (number | null)[] {
  const { avgMw, minMw, maxMw, energyMwh, voltageMv, coveredMs, samples, interactiveMw, backgroundMw } = measures;
  const flags = (measures.isEstimated ? ESTIMATED : 0) | (measures.isClockSure ? 0 : CLOCK_UNSURE);
  return [avgMw, minMw, maxMw, energyMwh, voltageMv, coveredMs, samples, interactiveMw, backgroundMw, flags];
}
