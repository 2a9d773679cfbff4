import type { Database, Statement } from 'better-sqlite3';
import type { PowerRow } from '../core/power.ts';
import type { Calendar } from './calendar.ts';
import { combine, type Measures } from './combine.ts';
import { HOUR_MS, MINUTE_MS, QUARTER_MS } from './limits.ts';
import { COLUMNS, LEVELS, type Level, measuresOf, type Stored } from './rows.ts';

type Put = (level: Level, at: number, source: number, measures: Measures) => void;

/** At -> source -> what arrived for it since the last batch. */
type Arrivals = Map<number, Map<number, Measures[]>>;

const HOUR = HOUR_MS / MINUTE_MS;

/**
 * Quarters, hours and days, made anew once a batch of the minutes that arrived: an hour of its minutes, a day of its hours and,
 * where a day does not begin on an hour of UTC, of the minutes at its ends. Where those are no longer kept, a late
 * minute is added to the row as it stands.
 */
export class RollUps {
  readonly #calendar: Calendar;
  readonly #put: Put;
  readonly #between: Statement<[number, number, number], Stored>;
  readonly #one: Statement<[number, number, number], Stored>;
  #quarters: Arrivals = new Map();
  #hours: Arrivals = new Map();
  #days: Arrivals = new Map();

  constructor(db: Database, calendar: Calendar, put: Put) {
    this.#calendar = calendar;
    this.#put = put;
    const select = `SELECT ${COLUMNS} FROM power WHERE resolution = ?`;
    this.#between = db.prepare<[number, number, number], Stored>(`${select} AND at >= ? AND at < ?`).raw();
    this.#one = db.prepare<[number, number, number], Stored>(`${select} AND at = ? AND source = ?`).raw();
  }

  arrived(source: number, minute: PowerRow): void {
    note(this.#quarters, floorTo(minute.startMs, QUARTER_MS), source, minute);
    note(this.#hours, floorTo(minute.startMs, HOUR_MS), source, minute);
    note(this.#days, this.#calendar.dayOf(minute.startMs).startMs, source, minute);
  }

  forget(): void {
    this.#quarters = new Map();
    this.#hours = new Map();
    this.#days = new Map();
  }

  /** Minutes are kept from here on. */
  write(minutesFrom: number): void {
    for (const [startMs, arrivals] of this.#quarters)
      this.#write('quarter', { startMs, endMs: startMs + QUARTER_MS }, arrivals, minutesFrom);
    for (const [startMs, arrivals] of this.#hours)
      this.#write('hour', { startMs, endMs: startMs + HOUR_MS }, arrivals, minutesFrom);
    for (const [startMs, arrivals] of this.#days)
      this.#write('day', this.#calendar.dayOf(startMs), arrivals, minutesFrom);
    this.forget();
  }

  /** All days that begin with these hours or later, of the hours that are there. An old day stays, empty: copies must hear of it. */
  layDaysAnew(fromAt: number): void {
    const old = this.#between.all(LEVELS.day, fromAt, Number.MAX_SAFE_INTEGER);
    for (const [at, source] of old) this.#put('day', at, source, combine([], 0));
    const days: Arrivals = new Map();
    for (const row of this.#between.all(LEVELS.hour, fromAt, Number.MAX_SAFE_INTEGER))
      note(days, this.#calendar.dayOf(row[0] * MINUTE_MS).startMs, row[1], measuresOf(row));
    for (const [startMs, sources] of days) {
      const { endMs } = this.#calendar.dayOf(startMs);
      for (const [source, hours] of sources)
        this.#put('day', startMs / MINUTE_MS, source, combine(hours, endMs - startMs));
    }
  }

  #write(
    level: Exclude<Level, 'minute'>,
    span: { readonly startMs: number; readonly endMs: number },
    arrivals: ReadonlyMap<number, readonly Measures[]>,
    minutesFrom: number,
  ): void {
    const [at, end] = [span.startMs / MINUTE_MS, span.endMs / MINUTE_MS];
    const isWhole = at >= minutesFrom;
    const parts = isWhole ? this.#partsOf(level, at, end) : new Map<number, Measures[]>();
    for (const [source, late] of arrivals) {
      const rows = isWhole ? (parts.get(source) ?? []) : [...this.#standing(level, at, source), ...late];
      this.#put(level, at, source, combine(rows, span.endMs - span.startMs));
    }
  }

  #standing(level: Level, at: number, source: number): Measures[] {
    const row = this.#one.get(LEVELS[level], at, source);
    return row === undefined ? [] : [measuresOf(row)];
  }

  #partsOf(level: Level, at: number, end: number): Map<number, Measures[]> {
    const parts = new Map<number, Measures[]>();
    const take = (of: number, from: number, to: number) => {
      for (const row of this.#between.iterate(of, from, to)) push(parts, row[1], measuresOf(row));
    };
    if (level !== 'day') take(LEVELS.minute, at, end);
    else {
      const [first, last] = [Math.ceil(at / HOUR) * HOUR, Math.floor(end / HOUR) * HOUR];
      take(LEVELS.minute, at, first);
      take(LEVELS.hour, first, last);
      take(LEVELS.minute, last, end);
    }
    return parts;
  }
}

function note(arrivals: Arrivals, startMs: number, source: number, row: Measures): void {
  const sources = arrivals.get(startMs) ?? new Map<number, Measures[]>();
  arrivals.set(startMs, sources);
  push(sources, source, row);
}

function push(rows: Map<number, Measures[]>, source: number, row: Measures): void {
  const known = rows.get(source);
  if (known === undefined) rows.set(source, [row]);
  else known.push(row);
}

function floorTo(atMs: number, stepMs: number): number {
  return Math.floor(atMs / stepMs) * stepMs;
}
