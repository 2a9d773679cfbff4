import type { Database, Statement } from 'better-sqlite3';
import type { Calendar } from './calendar.ts';
import { combine, type Measures } from './combine.ts';
import { DAY_MS, HOUR_MS, MAX_POINTS, MINUTE_MS, QUARTER_MS } from './limits.ts';
import { type PointPlan, planPoints } from './point-plan.ts';
import type { PowerPoint, PowerQuery } from './port.ts';
import { COLUMNS, LEVELS, type Level, measuresOf, type Stored } from './rows.ts';
import type { Sources } from './sources.ts';

export interface QueryParts {
  readonly db: Database;
  readonly calendar: Calendar;
  readonly sources: Sources;
  readonly keptFrom: (level: Level) => number;
}

const STEPS = { minute: MINUTE_MS, quarter: QUARTER_MS, hour: HOUR_MS } as const;

interface Place {
  readonly startMs: number;
  readonly spanMs: number;
}

/** What becomes one point of a source. */
interface Slot extends Place {
  readonly rows: Measures[];
}

/** Answers of `power`: rows, or neighbours merged into one, never more than were asked for. */
export class Queries {
  readonly #parts: QueryParts;
  readonly #all: Statement<[number, number, number], Stored>;
  readonly #ofSource: Statement<{ level: number; from: number; to: number; step: number; source: number }, Stored>;

  constructor(parts: QueryParts) {
    this.#parts = parts;
    const all = `SELECT ${COLUMNS} FROM power WHERE resolution = ? AND at >= ? AND at < ?`;
    this.#all = parts.db.prepare<[number, number, number], Stored>(all).raw();
    // Rows lie by time: one source of many is found by as many seeks as there are moments, not by reading all of them.
    const seeks = `WITH RECURSIVE moment (m) AS (
        SELECT @from UNION ALL SELECT m + @step FROM moment WHERE m + @step < @to
      ) SELECT ${COLUMNS} FROM moment CROSS JOIN power ON resolution = @level AND at = m AND source = @source`;
    this.#ofSource = parts.db
      .prepare<{ level: number; from: number; to: number; step: number; source: number }, Stored>(seeks)
      .raw();
  }

  power(query: PowerQuery): PowerPoint[] {
    if (query.toMs <= query.fromMs) return [];
    const source = query.source === 'all' ? null : this.#parts.sources.find(query.source);
    if (source === null && query.source !== 'all') return [];
    const sources = source === null ? this.#parts.sources.countSince(Math.floor(query.fromMs / MINUTE_MS)) : 1;
    const plan = planPoints({ ...query, sources, finestKept: this.#finestKept(query.fromMs) });
    return this.#points(query, plan, source).slice(0, MAX_POINTS);
  }

  #finestKept(fromMs: number): Level {
    const { keptFrom } = this.#parts;
    if (fromMs >= keptFrom('minute')) return 'minute';
    return fromMs >= keptFrom('hour') ? 'hour' : 'day';
  }

  #points(query: PowerQuery, plan: PointPlan, source: number | null): PowerPoint[] {
    const bySource = new Map<number, Slot[]>();
    const slotOf = once((atMs) => this.#slotOf(atMs, plan));
    for (const row of this.#rows(query, plan.level, source)) {
      const slots = bySource.get(row[1]) ?? [];
      bySource.set(row[1], slots);
      take(slots, row, slotOf);
    }
    const { sources } = this.#parts;
    return [...bySource].flatMap(([id, slots]) => {
      const name = sources.nameOf(id);
      return slots.map(({ startMs, spanMs, rows }) => ({ source: name, startMs, spanMs, ...combine(rows, spanMs) }));
    });
  }

  #rows({ fromMs, toMs }: PowerQuery, level: Level, source: number | null): Stored[] {
    const startMs =
      level === 'day' ? this.#parts.calendar.dayOf(fromMs).startMs : Math.floor(fromMs / STEPS[level]) * STEPS[level];
    const [from, to] = [startMs / MINUTE_MS, Math.ceil(toMs / MINUTE_MS)];
    if (source === null) return this.#all.all(LEVELS[level], from, to);
    // Days have no even step, and are few.
    if (level === 'day') return this.#all.all(LEVELS.day, from, to).filter((row) => row[1] === source);
    return this.#ofSource.all({ level: LEVELS[level], from, to, step: STEPS[level] / MINUTE_MS, source });
  }

  #slotOf(atMs: number, { level, each }: PointPlan): Place {
    if (level === 'day') return this.#daysFrom(atMs, each);
    const spanMs = STEPS[level] * each;
    return { startMs: Math.floor(atMs / spanMs) * spanMs, spanMs };
  }

  /** Several days begin on those that a count from 1970 gives: pictures of neighbouring times have the same edges. */
  #daysFrom(dayMs: number, each: number): Place {
    const { calendar } = this.#parts;
    if (each === 1) return { startMs: dayMs, spanMs: calendar.dayEnd(dayMs) - dayMs };
    const before = calendar.dayNumber(dayMs) % each;
    const startMs = calendar.dayOf(dayMs - before * DAY_MS + DAY_MS / 2).startMs;
    const endMs = calendar.dayOf(startMs + each * DAY_MS + DAY_MS / 2).startMs;
    return { startMs, spanMs: endMs - startMs };
  }
}

/** Rows of a source come in the order of time. An emptied row is none (RollUps.layDaysAnew). */
function take(slots: Slot[], row: Stored, slotOf: (atMs: number) => Place): void {
  const measures = measuresOf(row);
  if (measures.coveredMs === 0 && measures.samples === 0 && measures.energyMwh === 0) return;
  const atMs = row[0] * MINUTE_MS;
  const last = slots.at(-1);
  if (last !== undefined && atMs < last.startMs + last.spanMs) last.rows.push(measures);
  else slots.push({ ...slotOf(atMs), rows: [measures] });
}

/** All sources share their places in time, and days take a calendar to find. */
function once(find: (atMs: number) => Place): (atMs: number) => Place {
  const known = new Map<number, Place>();
  return (atMs) => {
    const place = known.get(atMs) ?? find(atMs);
    known.set(atMs, place);
    return place;
  };
}
