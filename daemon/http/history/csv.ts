import { toWatts } from '../../core/watts.ts';
import type { EnergyTotal, PowerPoint } from '../history-port.ts';
import { LocalTime } from './local-time.ts';
import { isoOf } from './show.ts';

export const CSV_TYPE = 'text/csv; charset=utf-8; header=present';

/** One line (RFC 4180). */
function line(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/**
 * Text that a spreadsheet would run as a formula gets an apostrophe in front: anybody may have named an appliance.
 * Numbers keep their minus, and what was not heard is empty.
 */
function cell(value: string): string {
  const inert = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

type Columns<T> = readonly (readonly [name: string, of: (row: T) => number | boolean | null])[];

const POWER: Columns<PowerPoint> = [
  ['span_s', ({ spanMs }) => spanMs / 1000],
  ['avg_w', ({ avgMw }) => toWatts(avgMw)],
  ['min_w', ({ minMw }) => toWatts(minMw)],
  ['max_w', ({ maxMw }) => toWatts(maxMw)],
  ['energy_wh', ({ energyMwh }) => energyMwh / 1000],
  ['voltage_v', ({ voltageMv }) => (voltageMv === null ? null : voltageMv / 1000)],
  ['covered_s', ({ coveredMs }) => coveredMs / 1000],
  ['samples', ({ samples }) => samples],
  ['estimated', ({ isEstimated }) => isEstimated],
  ['interactive_w', ({ interactiveMw }) => (interactiveMw === null ? null : toWatts(interactiveMw))],
  ['background_w', ({ backgroundMw }) => (backgroundMw === null ? null : toWatts(backgroundMw))],
];

const ENERGY: Columns<EnergyTotal> = [
  ['span_s', ({ spanMs }) => spanMs / 1000],
  ['energy_wh', ({ energyMwh }) => energyMwh / 1000],
  ['covered_s', ({ coveredMs }) => coveredMs / 1000],
  ['estimated', ({ isEstimated }) => isEstimated],
];

/** Rows as lines: who, when (in UTC and as the wall of the hub shows it), and what. */
export class Sheet {
  readonly #zone: string;
  readonly #local: LocalTime;
  readonly #nameOf: (source: string) => string;
  /** The first cells of each source, as they are written: an export has a million lines. */
  readonly #who = new Map<string, string>();

  constructor(timezone: string, nameOf: (source: string) => string) {
    this.#zone = timezone;
    this.#local = new LocalTime(timezone);
    this.#nameOf = nameOf;
  }

  powerHead(): string {
    return this.#head(POWER);
  }

  energyHead(): string {
    return this.#head(ENERGY);
  }

  points(points: readonly PowerPoint[]): string {
    return points.map((point) => this.#line(point, POWER)).join('');
  }

  totals(totals: readonly EnergyTotal[]): string {
    return totals.map((total) => this.#line(total, ENERGY)).join('');
  }

  #head(columns: Columns<never>): string {
    return line(['source', 'name', 'start_utc', `start_local (${this.#zone})`, ...columns.map(([name]) => name)]);
  }

  #line<T extends { readonly source: string; readonly startMs: number }>(row: T, columns: Columns<T>): string {
    let text = `${this.#whose(row.source)},${isoOf(row.startMs)},${this.#local.say(row.startMs)}`;
    for (const [, of] of columns) text += `,${of(row) ?? ''}`;
    return `${text}\r\n`;
  }

  #whose(source: string): string {
    const known = this.#who.get(source);
    if (known !== undefined) return known;
    const written = `${cell(source)},${cell(this.#nameOf(source))}`;
    this.#who.set(source, written);
    return written;
  }
}
