import type { PowerRow } from '../core/power.ts';

/** What was measured, without whose and when. */
export type Measures = Omit<PowerRow, 'source' | 'startMs'>;

const NOTHING: Measures = {
  avgMw: 0,
  minMw: 0,
  maxMw: 0,
  energyMwh: 0,
  voltageMv: null,
  coveredMs: 0,
  samples: 0,
  isEstimated: false,
  interactiveMw: null,
  backgroundMw: null,
  isClockSure: true,
};

/**
 * One row of many: minutes of an hour, hours of a day, neighbours in a picture, or a minute that was met twice. Energy
 * is always the sum. `spanMs` caps what was heard: a clock that was set back heard the same minute twice, and a minute
 * has no more than 60 s; its energy flowed all the same.
 */
export function combine(rows: readonly Measures[], spanMs: number): Measures {
  const [first] = rows;
  if (first === undefined) return NOTHING;
  if (rows.length === 1 && first.coveredMs <= spanMs) return first;
  const heard = rows.filter(({ coveredMs, samples }) => coveredMs > 0 || samples > 0);
  return {
    avgMw: weighted(heard, 'avgMw') ?? 0,
    minMw:
      heard.length === 0 ? 0 : heard.reduce((least, { minMw }) => Math.min(least, minMw), Number.POSITIVE_INFINITY),
    maxMw: heard.length === 0 ? 0 : heard.reduce((most, { maxMw }) => Math.max(most, maxMw), Number.NEGATIVE_INFINITY),
    energyMwh: sum(rows, 'energyMwh'),
    voltageMv: weighted(heard, 'voltageMv'),
    coveredMs: Math.min(spanMs, sum(rows, 'coveredMs')),
    samples: sum(rows, 'samples'),
    isEstimated: rows.some(({ isEstimated }) => isEstimated),
    interactiveMw: weighted(heard, 'interactiveMw'),
    backgroundMw: weighted(heard, 'backgroundMw'),
    isClockSure: rows.every(({ isClockSure }) => isClockSure),
  };
}

function sum(rows: readonly Measures[], field: 'energyMwh' | 'coveredMs' | 'samples'): number {
  return rows.reduce((total, row) => total + row[field], 0);
}

/** By the time that each was heard, of the rows that know it; null where none does. */
function weighted(rows: readonly Measures[], field: 'avgMw' | 'voltageMv' | 'interactiveMw' | 'backgroundMw') {
  let area = 0;
  let weight = 0;
  let last: number | null = null;
  for (const row of rows) {
    const value = row[field];
    if (value === null) continue;
    area += value * row.coveredMs;
    weight += row.coveredMs;
    last = value;
  }
  return weight === 0 ? last : whole(area / weight);
}

/** Rounded; a row holds no negative zero. */
export function whole(value: number): number {
  return Math.round(value) + 0;
}
