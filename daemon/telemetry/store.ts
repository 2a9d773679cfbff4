import { randomUUID } from 'node:crypto';
import type { Database, Statement } from 'better-sqlite3';
import type { PowerRow, RevisedRow } from '../core/power.ts';
import type { Calendar } from './calendar.ts';
import { combine, type Measures } from './combine.ts';
import { connect } from './connection.ts';
import { HOUR_MS, MAX_REVISED_ROWS, MINUTE_MS } from './limits.ts';
import type { Minutes, ReplicationCursor } from './port.ts';
import { RollUps } from './roll-ups.ts';
import { COLUMNS, LEVELS, type Level, measuresOf, RESOLUTION_OF, rowOf, type Stored, storedOf } from './rows.ts';
import { Sources } from './sources.ts';

interface Meta {
  readonly origin: string;
  readonly rev: number;
  readonly timezone: string | null;
  readonly minutes_from: number;
  readonly hours_from: number;
  readonly cursor_origin: string | null;
  readonly cursor_seq: number | null;
  readonly cursor_rev: number | null;
}

/** Of a file that is to go on where a damaged one ended: whoever copies its rows notices nothing. */
export interface Continued {
  readonly origin: string;
  readonly rev: number;
}

const UPSERT = `INSERT OR REPLACE INTO power (resolution, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/**
 * The power history over one connection, synchronously. A batch is one transaction that stays open while its minutes
 * come in: whoever reads over this connection sees them, and the disk sees them once, with the COMMIT.
 */
export class TelemetryStore {
  readonly db: Database;
  readonly sources: Sources;
  readonly origin: string;
  readonly #ownsDb: boolean;
  readonly #upsert: Statement;
  readonly #one: Statement<[number, number, number], Stored>;
  readonly #rollUps: RollUps;
  #rev: number;
  #committedRev: number;

  constructor(where: string | Database, calendar: Calendar, timezone: string, continued: Continued | null = null) {
    this.#ownsDb = typeof where === 'string';
    this.db = connect(where);
    try {
      this.sources = new Sources(this.db);
      this.#upsert = this.db.prepare(UPSERT);
      const one = `SELECT ${COLUMNS} FROM power WHERE resolution = ? AND at = ? AND source = ?`;
      this.#one = this.db.prepare<[number, number, number], Stored>(one).raw();
      this.#rollUps = new RollUps(this.db, calendar, (level, at, source, row) => this.#put(level, at, source, row));
      this.origin = this.#nameFile(continued);
      this.#rev = this.#meta().rev;
      this.#committedRev = this.#rev;
      this.#adoptTimezone(timezone);
    } catch (error) {
      if (this.#ownsDb) this.db.close();
      throw error;
    }
  }

  /** Of what is on the disk. */
  get lastRev(): number {
    return this.#committedRev;
  }

  get isOpenBatch(): boolean {
    return this.db.inTransaction;
  }

  /** Kept from here on, in ms since 1970. */
  keptFrom(level: Level): number {
    const { minutes_from, hours_from } = this.#meta();
    return { minute: minutes_from, quarter: minutes_from, hour: hours_from, day: 0 }[level] * MINUTE_MS;
  }

  begin(): void {
    if (!this.db.inTransaction) this.db.exec('BEGIN IMMEDIATE');
  }

  /** Within a batch. A minute that is there already is met again (a clock that was set back): merged. */
  apply({ rows, counted }: Minutes): void {
    for (const row of rows) this.#minute(row);
    for (const [source, stand] of counted) this.sources.counts(source, stand);
  }

  commit(): void {
    if (!this.db.inTransaction) return;
    this.#rollUps.write(this.#meta().minutes_from);
    this.sources.save();
    this.db.prepare('UPDATE meta SET rev = ?').run(this.#rev);
    this.db.exec('COMMIT');
    this.#committedRev = this.#rev;
  }

  /** What was applied since `begin` is gone, wherever it failed. */
  rollback(): void {
    if (this.db.inTransaction) this.db.exec('ROLLBACK');
    this.#rev = this.#committedRev;
    this.#rollUps.forget();
    this.sources.reload();
  }

  rowsAfter(rev: number, limit: number): RevisedRow[] {
    const page = this.db
      .prepare<[number, number, number], [number, ...Stored]>(
        `SELECT resolution, ${COLUMNS} FROM power INDEXED BY power_rev WHERE rev > ? AND rev <= ? ORDER BY rev LIMIT ?`,
      )
      .raw();
    const rows = page.all(rev, this.#committedRev, Math.min(Math.max(0, limit), MAX_REVISED_ROWS));
    return rows.map(([level, ...row]) => ({
      ...rowOf(row, this.sources.nameOf(row[1])),
      resolution: RESOLUTION_OF[level] ?? 'day',
      rev: row[2] ?? 0,
    }));
  }

  cursor(): ReplicationCursor | null {
    const { cursor_origin: origin, cursor_seq: seq, cursor_rev: rev } = this.#meta();
    return origin === null || seq === null || rev === null ? null : { origin, seq, rev };
  }

  /** With the open batch, or at once where none is open. */
  saveCursor({ origin, seq, rev }: ReplicationCursor): void {
    const set = 'UPDATE meta SET cursor_origin = ?, cursor_seq = ?, cursor_rev = ?';
    this.db.prepare(set).run(origin, seq, rev);
  }

  close(): void {
    if (this.db.inTransaction) this.rollback();
    if (this.#ownsDb) this.db.close(); // moves the write-ahead log into the file
  }

  #meta(): Meta {
    const meta = this.db.prepare<[], Meta>('SELECT * FROM meta').get();
    if (meta === undefined) throw new Error('the power history has no meta row');
    return meta;
  }

  /** A new file gets a name of its own, once. */
  #nameFile(continued: Continued | null): string {
    const { origin } = this.#meta();
    if (origin !== '') return origin;
    const name = continued?.origin ?? randomUUID();
    this.db.prepare('UPDATE meta SET origin = ?, rev = ?').run(name, continued?.rev ?? 0);
    return name;
  }

  #minute(row: PowerRow): void {
    const at = Math.floor(row.startMs / MINUTE_MS);
    const source = this.sources.idOf(row.source, at);
    const there = this.#one.get(LEVELS.minute, at, source);
    this.#put('minute', at, source, there === undefined ? row : combine([measuresOf(there), row], MINUTE_MS));
    this.#rollUps.arrived(source, row);
  }

  #put(level: Level, at: number, source: number, measures: Measures): void {
    if (level !== 'quarter') this.#rev += 1;
    this.#upsert.run(LEVELS[level], at, source, level === 'quarter' ? null : this.#rev, ...storedOf(measures));
  }

  /** Days of another zone have other edges: those that hours can still make are made anew. */
  #adoptTimezone(timezone: string): void {
    const { timezone: before, hours_from } = this.#meta();
    if (before === timezone) return;
    this.begin();
    try {
      if (before !== null) this.#rollUps.layDaysAnew(Math.ceil((hours_from * MINUTE_MS) / HOUR_MS) * 60);
      this.db.prepare('UPDATE meta SET timezone = ?').run(timezone);
      this.commit();
    } catch (error) {
      this.rollback();
      throw error;
    }
  }
}
