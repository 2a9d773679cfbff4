import type { Range, Step } from '../state/history-range.ts';
import type { Heard } from '../state/power-lines.ts';
import { startOf } from '../state/zone.ts';
import type { HistoryStateView, PowerPointView, ReplicationView } from '../wire.ts';
import { sentence } from './meter.ts';
import { sayAge } from './time.ts';

export const STEP_WORDS: Readonly<Record<Step, string>> = {
  hour: '1 h',
  day: 'Day',
  week: 'Week',
  month: 'Month',
  year: 'Year',
};

export interface Place {
  readonly nowMs: number;
  readonly timeZone: string;
}

const DAY_MS = 86_400_000;

/** `Today`, `Sat 14 Nov 2026`, `16 to 22 Nov 2026`, `November 2026`, `2026`, `14 Nov 2026, 14:05 to 16:30`. */
export function sayRange({ fromMs, toMs, step }: Range, { nowMs, timeZone }: Place): string {
  const say = (options: Intl.DateTimeFormatOptions, atMs: number) =>
    new Intl.DateTimeFormat('en-GB', { ...options, timeZone }).format(atMs);
  if (step === 'year') return say({ year: 'numeric' }, fromMs);
  if (step === 'month') return say({ month: 'long', year: 'numeric' }, fromMs);
  if (step === 'day') {
    if (fromMs === startOf('day', nowMs, timeZone)) return 'Today';
    if (fromMs === startOf('day', nowMs, timeZone, -1)) return 'Yesterday';
    return say({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }, fromMs).replace(',', '');
  }
  const date = (atMs: number) => say({ day: 'numeric', month: 'short', year: 'numeric' }, atMs);
  const clock = (atMs: number) => say({ hour: '2-digit', minute: '2-digit' }, atMs);
  if (step === 'week' || toMs - fromMs > 3 * DAY_MS) return `${date(fromMs)} to ${date(toMs - 1)}`;
  if (date(fromMs) === date(toMs - 1)) return `${date(fromMs)}, ${clock(fromMs)} to ${clock(toMs)}`;
  return `${date(fromMs)}, ${clock(fromMs)} to ${date(toMs)}, ${clock(toMs)}`;
}

/** `Sat 14 Nov, 19:04`; the day alone for a point of a day or more; the month where it is one. */
export function sayMoment(atMs: number, spanS: number, timeZone: string): string {
  if (spanS >= (27 * DAY_MS) / 1000) {
    return new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone }).format(atMs);
  }
  const day = { weekday: 'short', day: 'numeric', month: 'short' } as const;
  const clock = spanS < DAY_MS / 1000 - 7200 ? ({ hour: '2-digit', minute: '2-digit' } as const) : {};
  return new Intl.DateTimeFormat('en-GB', { ...day, ...clock, timeZone }).format(atMs);
}

/** `0.42 kWh`, `12.3 kWh`, `1234 kWh`. */
export function sayKwh(wh: number): string {
  const kwh = wh / 1000;
  const digits = Math.abs(kwh) < 10 ? 2 : Math.abs(kwh) < 1000 ? 1 : 0;
  return `${kwh.toFixed(digits)} kWh`;
}

/** `412 W`, `3.21 kW`. */
export function sayPower(watts: number): string {
  if (Math.abs(watts) >= 1000) return `${(watts / 1000).toFixed(2)} kW`;
  return `${Math.abs(watts) >= 10 ? Math.round(watts) : Math.round(watts * 10) / 10} W`;
}

/** `3 h 12 min`, `45 s`. */
export function sayLength(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const parts = [
    days > 0 ? `${days} d` : '',
    hours > 0 ? `${hours} h` : '',
    rest > 0 && days === 0 ? `${rest} min` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** The picture in a sentence or two: for who cannot see it, and for who has no time. */
export function saySummary(heard: Heard | null, range: Range, { nowMs, timeZone }: Place): string {
  if (heard === null) return 'Nothing was heard in this time.';
  const { energyWh, averageW, most, coveredS } = heard;
  const peak =
    most === null ? '' : `, at most ${sayPower(most.max_w)} (${sayMoment(Date.parse(most.at), most.span_s, timeZone)})`;
  const lastedS = Math.max(0, Math.min(nowMs, range.toMs) - range.fromMs) / 1000;
  const silentS = lastedS - coveredS;
  const gap = silentS > Math.max(120, lastedS / 500) ? ` ${sayLength(silentS)} were not heard.` : '';
  const guess = heard.estimated ? ' Where nothing measures, rated watts stand in.' : '';
  return `${sayKwh(energyWh)}, on average ${sayPower(averageW)}${peak}.${gap}${guess}`;
}

export interface NoticeWords {
  readonly text: string;
  readonly isTrouble: boolean;
}

/** How the history is kept; null while all is well. */
export function sayHistory(state: HistoryStateView | null): NoticeWords | null {
  if (state === null || state.state === 'ok' || state.state === 'opening') return null;
  const what = state.state === 'off' ? 'This hub keeps no power history.' : 'The power history is not being kept.';
  return { text: state.detail === null ? what : `${what} ${sentence(state.detail)}`, isTrouble: true };
}

/** The copy in Postgres; null where nothing is copied. */
export function sayReplication(copy: ReplicationView | null): NoticeWords | null {
  if (copy === null || !copy.enabled) return null;
  const { connected, last_error: error, lag_rows: rows, lag_s: lagS } = copy;
  const waiting =
    rows === 0
      ? ''
      : ` ${rows} ${rows === 1 ? 'row waits' : 'rows wait'}, the oldest for ${sayAge(lagS * 1000)}; nothing is lost.`;
  if (error !== null)
    return {
      text: `No copy in Postgres now: ${sentence(error.detail)} ${sentence(error.advice)}${waiting}`,
      isTrouble: true,
    };
  if (!connected) return { text: `Postgres is not reached yet.${waiting}`, isTrouble: false };
  return {
    text: rows === 0 ? 'Copied to Postgres, up to now.' : `Being copied to Postgres.${waiting}`,
    isTrouble: false,
  };
}

/** `The house`, `Oven`, `Circuit kitchen`; what is gone by its id. */
export function saySource(source: string, nameOf: (appliance: string) => string): string {
  const [kind = '', id = ''] = source.split(':');
  if (source === 'house') return 'The house';
  if (source === 'rest') return 'Other appliances';
  if (source === 'background') return 'Everything else';
  return kind === 'circuit' ? `Circuit ${id}` : nameOf(id);
}

/** The point under the finger. */
export function sayPointed(point: PowerPointView | null, timeZone: string): string | null {
  if (point === null) return null;
  const { at, span_s, avg_w, min_w, max_w, estimated, voltage_v, background_w } = point;
  const band = max_w - min_w >= 1 ? `, ${sayPower(min_w)} to ${sayPower(max_w)}` : '';
  const rest = background_w === null ? '' : `, ${sayPower(background_w)} of it not switched by the hub`;
  const volts = voltage_v === null ? '' : `, ${voltage_v.toFixed(1)} V`;
  return `${sayMoment(Date.parse(at), span_s, timeZone)}: ${sayPower(avg_w)}${estimated ? ' (estimated)' : ''}${band}${rest}${volts}`;
}
