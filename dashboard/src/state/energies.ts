import type { EnergySeriesView, EnergyTotalView } from '../wire.ts';
import { startOf } from './zone.ts';

/** Watt-hours; null: nothing was heard. */
export interface Days {
  readonly today: EnergyTotalView | null;
  readonly yesterday: EnergyTotalView | null;
  readonly monthWh: number | null;
}

/** The first moment that `daysOf` needs to know about. */
export function daysFrom(nowMs: number, timeZone: string): number {
  return Math.min(startOf('month', nowMs, timeZone), startOf('day', nowMs, timeZone, -1));
}

export function daysOf(totals: readonly EnergyTotalView[], nowMs: number, timeZone: string): Days {
  const at = (startMs: number) => totals.find((total) => Date.parse(total.at) === startMs) ?? null;
  const monthMs = startOf('month', nowMs, timeZone);
  const ofMonth = totals.filter((total) => Date.parse(total.at) >= monthMs);
  return {
    today: at(startOf('day', nowMs, timeZone)),
    yesterday: at(startOf('day', nowMs, timeZone, -1)),
    monthWh: ofMonth.length === 0 ? null : ofMonth.reduce((sum, { energy_wh }) => sum + energy_wh, 0),
  };
}

export interface Use {
  readonly source: string;
  readonly energyWh: number;
  readonly estimated: boolean;
}

/** Who used anything, the most first; the house on top, and at the end what no appliance of it explains. */
export function usesOf(series: readonly EnergySeriesView[]): Use[] {
  const all = series.map(({ source, totals }) => ({
    source,
    energyWh: totals.reduce((sum, { energy_wh }) => sum + energy_wh, 0),
    estimated: totals.some(({ estimated }) => estimated),
  }));
  const house = all.filter(({ source }) => source === 'house');
  const parts = all.filter(({ source, energyWh }) => source !== 'house' && Math.abs(energyWh) >= LEAST_WH);
  return [...house, ...parts.sort((a, b) => b.energyWh - a.energyWh), ...house.flatMap((whole) => restOf(whole, all))];
}

/** Less is nothing to look at: the figures show 10 Wh. */
const LEAST_WH = 5;

function restOf(whole: Use, all: readonly Use[]): Use[] {
  const appliances = all.filter(({ source }) => source.startsWith('appliance:'));
  const energyWh = whole.energyWh - appliances.reduce((sum, one) => sum + one.energyWh, 0);
  return energyWh >= LEAST_WH ? [{ source: 'background', energyWh, estimated: whole.estimated }] : [];
}

/** Hours of a day, days of a month, months of years: rows of a table that a person reads. */
export function groupFor({
  fromMs,
  toMs,
}: {
  readonly fromMs: number;
  readonly toMs: number;
}): 'hour' | 'day' | 'month' {
  const days = (toMs - fromMs) / 86_400_000;
  if (days <= 2) return 'hour';
  return days <= 92 ? 'day' : 'month';
}
