import type { Resolution } from '../../core/power.ts';
import { toWatts } from '../../core/watts.ts';
import type { EnergyTotal, PowerPoint } from '../history-port.ts';
import type { Energy, Power } from '../wire.ts';

type ShownPoint = Power['sources'][number]['points'][number];
type ShownTotal = Energy['sources'][number]['totals'][number];

export const isoOf = (atMs: number) => new Date(atMs).toISOString();

export function showPoint(point: PowerPoint): ShownPoint {
  return {
    at: isoOf(point.startMs),
    span_s: point.spanMs / 1000,
    avg_w: toWatts(point.avgMw),
    min_w: toWatts(point.minMw),
    max_w: toWatts(point.maxMw),
    energy_wh: point.energyMwh / 1000,
    voltage_v: point.voltageMv === null ? null : point.voltageMv / 1000,
    covered_s: point.coveredMs / 1000,
    samples: point.samples,
    estimated: point.isEstimated,
    interactive_w: point.interactiveMw === null ? null : toWatts(point.interactiveMw),
    background_w: point.backgroundMw === null ? null : toWatts(point.backgroundMw),
  };
}

export function showTotal(total: EnergyTotal): ShownTotal {
  return {
    at: isoOf(total.startMs),
    span_s: total.spanMs / 1000,
    energy_wh: total.energyMwh / 1000,
    covered_s: total.coveredMs / 1000,
    estimated: total.isEstimated,
  };
}

/** Of the rows that points are made of: several may be one point. A day has 23 hours at least. */
export function resolutionOf(point: Pick<PowerPoint, 'spanMs'> | undefined): Resolution | null {
  if (point === undefined) return null;
  if (point.spanMs < 3_600_000) return 'minute';
  return point.spanMs < 20 * 3_600_000 ? 'hour' : 'day';
}

/** Each source that was named, whether or not it was ever heard; with `all` those that were. */
export function bySource<T extends { readonly source: string }>(
  asked: 'all' | readonly string[],
  rows: readonly T[],
): (readonly [source: string, rows: readonly T[]])[] {
  const heard = Map.groupBy(rows, ({ source }) => source);
  return asked === 'all' ? [...heard] : asked.map((source) => [source, heard.get(source) ?? []]);
}
