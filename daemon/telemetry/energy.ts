import type { Database, Statement } from 'better-sqlite3';
import type { Resolution } from '../core/power.ts';
import type { Span } from './calendar.ts';
import { TelemetryError } from './errors.ts';
import { DAY_MS, HOUR_MS, MAX_ENERGY_ROWS, MINUTE_MS } from './limits.ts';
import type { EnergyQuery, EnergyRow } from './port.ts';
import type { QueryParts } from './queries.ts';
import { LEVELS } from './rows.ts';

interface Piece extends Span {
  readonly resolution: Resolution;
}

type Sum = [at: number, source: number, energyMwh: number, coveredMs: number, isEstimated: number];

/** Totals: whole days of days, what is left at the ends of hours, and of minutes. */
export class Energy {
  readonly #parts: QueryParts;
  readonly #sums: Statement<[number, number, number], Sum>;
  readonly #each: Statement<[number, number, number], Sum>;

  constructor(parts: QueryParts) {
    this.#parts = parts;
    this.#sums = prepare(
      parts.db,
      'min(at), source, sum(energy_mwh), sum(covered_ms), max(flags & 1)',
      'GROUP BY source',
    );
    this.#each = prepare(parts.db, 'at, source, energy_mwh, covered_ms, flags & 1', '');
  }

  energy(query: EnergyQuery): EnergyRow[] {
    if (query.toMs <= query.fromMs) return [];
    const source = query.source === undefined ? null : this.#parts.sources.find(query.source);
    if (source === null && query.source !== undefined) return [];
    const startOf = this.#startOf(query);
    this.#assertBounded(query);
    const totals = new Totals(this.#parts.sources.nameOf.bind(this.#parts.sources));
    const statement = query.group === 'none' ? this.#sums : this.#each;
    for (const { resolution, startMs, endMs } of this.#pieces(query)) {
      const [from, to] = [startMs / MINUTE_MS, Math.ceil(endMs / MINUTE_MS)];
      for (const sum of statement.iterate(LEVELS[resolution], from, to))
        if (source === null || sum[1] === source) totals.add(sum, startOf(sum[0] * MINUTE_MS));
    }
    return totals.rows();
  }

  #assertBounded({ fromMs, toMs, group, source }: EnergyQuery): void {
    if (group === 'none') return;
    const spanMs = { hour: HOUR_MS, day: DAY_MS, month: 28 * DAY_MS }[group];
    const sources = source === undefined ? this.#parts.sources.countSince(Math.floor(fromMs / MINUTE_MS)) : 1;
    const rows = ((toMs - fromMs) / spanMs) * sources;
    if (rows > MAX_ENERGY_ROWS)
      throw new TelemetryError('telemetry_too_much', `${Math.ceil(rows)} totals, ${MAX_ENERGY_ROWS} are the most`);
  }

  #startOf({ group, fromMs }: EnergyQuery): (atMs: number) => number {
    if (group === 'none') return () => fromMs;
    if (group !== 'month') return (atMs) => atMs;
    let month: Span = { startMs: 0, endMs: 0 };
    return (atMs) => {
      if (atMs < month.startMs || atMs >= month.endMs) month = this.#parts.calendar.monthOf(atMs);
      return month.startMs;
    };
  }

  /** A group that the time only begins or ends in is told whole. */
  #pieces({ group, fromMs, toMs }: EnergyQuery): Piece[] {
    const { calendar } = this.#parts;
    if (group === 'none') return this.#whole(fromMs, toMs);
    if (group === 'hour') return [{ resolution: 'hour', startMs: floorTo(fromMs, HOUR_MS), endMs: toMs }];
    const startMs = group === 'day' ? calendar.dayOf(fromMs).startMs : calendar.monthOf(fromMs).startMs;
    return [{ resolution: 'day', startMs, endMs: toMs }];
  }

  #whole(fromMs: number, toMs: number): Piece[] {
    const { calendar } = this.#parts;
    const from = calendar.dayOf(fromMs);
    const first = from.startMs === fromMs || fromMs < this.#parts.keptFrom('hour') ? from.startMs : from.endMs;
    const last = calendar.dayOf(toMs).startMs;
    if (first >= last) return this.#hours(fromMs, toMs);
    const left = first > fromMs ? this.#hours(fromMs, first) : [];
    return [...left, { resolution: 'day', startMs: first, endMs: last }, ...this.#hours(last, toMs)];
  }

  /** Where minutes are no longer kept, the hour that the time begins in is told whole. */
  #hours(fromMs: number, toMs: number): Piece[] {
    const isGone = fromMs < this.#parts.keptFrom('minute');
    const first = isGone ? floorTo(fromMs, HOUR_MS) : Math.ceil(fromMs / HOUR_MS) * HOUR_MS;
    const last = floorTo(toMs, HOUR_MS);
    const minutes = (startMs: number, endMs: number): Piece[] =>
      startMs < endMs ? [{ resolution: 'minute', startMs: floorTo(startMs, MINUTE_MS), endMs }] : [];
    if (first >= last) return minutes(fromMs, toMs);
    return [...minutes(fromMs, first), { resolution: 'hour', startMs: first, endMs: last }, ...minutes(last, toMs)];
  }
}

class Totals {
  readonly #bySource = new Map<number, Map<number, EnergyRow>>();
  readonly #nameOf: (id: number) => string;

  constructor(nameOf: (id: number) => string) {
    this.#nameOf = nameOf;
  }

  add([, id, energyMwh, coveredMs, isEstimated]: Sum, startMs: number): void {
    const groups = this.#bySource.get(id) ?? new Map<number, EnergyRow>();
    this.#bySource.set(id, groups);
    const before = groups.get(startMs);
    groups.set(startMs, {
      source: this.#nameOf(id),
      startMs,
      energyMwh: energyMwh + (before?.energyMwh ?? 0),
      coveredMs: coveredMs + (before?.coveredMs ?? 0),
      isEstimated: isEstimated === 1 || before?.isEstimated === true,
    });
  }

  /** By source, then by time. What was emptied says nothing. */
  rows(): EnergyRow[] {
    const rows = [...this.#bySource.values()].flatMap((groups) => [...groups.values()]);
    return rows.filter(({ energyMwh, coveredMs }) => energyMwh !== 0 || coveredMs !== 0);
  }
}

function prepare(db: Database, what: string, end: string): Statement<[number, number, number], Sum> {
  const text = `SELECT ${what} FROM power WHERE resolution = ? AND at >= ? AND at < ? ${end}`;
  return db.prepare<[number, number, number], Sum>(text).raw();
}

function floorTo(atMs: number, stepMs: number): number {
  return Math.floor(atMs / stepMs) * stepMs;
}
