import type { Database, Statement } from 'better-sqlite3';
import type { Event } from '../core/events.ts';
import { type ChainedRow, GENESIS, hashOf, type Row, rowOf } from './chain.ts';
import { LedgerError } from './errors.ts';
import { MAX_BATCH_EVENTS, MAX_PAGE_LENGTH, MAX_PAGE_ROWS, MAX_READ_EVENTS } from './limits.ts';

/** Where the chain ends. */
export interface Tip {
  readonly seq: number;
  readonly hash: Buffer;
}

const COLUMNS = 'seq, wall_ms, up_ms, boot_id, kind, who, appliance, body';

function missing(seq: number): LedgerError {
  return new LedgerError('ledger_corrupt', `event ${seq} is missing`);
}

/** The row's number and hash, if they are the ones that must come after `tip`. */
function follow(tip: Tip, row: ChainedRow): Tip {
  if (row.seq !== tip.seq + 1) throw missing(tip.seq + 1);
  const hash = hashOf(tip.hash, row);
  if (!hash.equals(row.hash))
    throw new LedgerError('ledger_corrupt', `event ${row.seq} or the one before it was changed`);
  return { seq: row.seq, hash };
}

/** The table of events: appended to, read, never changed. Its statements are prepared once. */
export class Journal {
  readonly #bootId: string;
  readonly #insert: Statement<(string | number | Buffer | null)[]>;
  readonly #page: Statement<[number, number], Row>;
  readonly #chained: Statement<[number, number], ChainedRow>;
  readonly #hashAt: Statement<[number], Buffer>;
  readonly #highestUp: Statement<[number], number>;
  readonly #everUsed: Statement<[], number>;
  #tip: Tip;

  constructor(db: Database, bootId: string) {
    this.#bootId = bootId;
    this.#insert = db.prepare(
      // By position: binding by name costs a third of the insert.
      `INSERT INTO event (${COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#page = db.prepare(`SELECT ${COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT ?`);
    this.#chained = db.prepare(`SELECT ${COLUMNS}, hash FROM event WHERE seq > ? ORDER BY seq LIMIT ?`);
    this.#hashAt = db.prepare<[number], Buffer>('SELECT hash FROM event WHERE seq = ?').pluck();
    this.#highestUp = db.prepare<[number], number>('SELECT coalesce(max(up_ms), 0) FROM event WHERE seq > ?').pluck();
    this.#everUsed = db.prepare<[], number>(`SELECT seq FROM sqlite_sequence WHERE name = 'event'`).pluck();
    this.#tip = this.#readTip(db);
  }

  get lastSeq(): number {
    return this.#tip.seq;
  }

  /** AUTOINCREMENT remembers the highest number ever used: rows cut off at the end show, too. */
  #readTip(db: Database): Tip {
    const last = db.prepare<[], Tip>('SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1').get();
    const tip = last ?? { seq: 0, hash: GENESIS };
    const used = this.#everUsed.get() ?? 0;
    if (tip.seq === used) return tip;
    throw new LedgerError('ledger_corrupt', `the ledger ends at event ${tip.seq}, but ${used} were recorded`);
  }

  /** Inside a transaction. What it returns becomes the tip once that is committed (`advance`). */
  insert(events: readonly Event[]): Tip {
    if (events.length > MAX_BATCH_EVENTS) {
      throw new LedgerError('ledger_failed', `a batch of ${events.length} events is over ${MAX_BATCH_EVENTS}`);
    }
    let { seq, hash } = this.#tip;
    for (const event of events) {
      if (event.seq !== seq + 1) throw new LedgerError('ledger_failed', `event ${event.seq} does not follow ${seq}`);
      const row = rowOf(event, this.#bootId);
      hash = hashOf(hash, row);
      const { wall_ms, up_ms, boot_id, kind, who, appliance, body } = row;
      this.#insert.run(seq + 1, wall_ms, up_ms, boot_id, kind, who, appliance, body, hash);
      seq = event.seq;
    }
    return { seq, hash };
  }

  advance(tip: Tip): void {
    this.#tip = tip;
  }

  read(afterSeq: number, limit: number): Row[] {
    // A negative LIMIT would mean all rows to SQLite.
    const bounded = Math.max(0, Math.min(Math.trunc(limit) || 0, MAX_READ_EVENTS));
    return this.#page.all(Math.trunc(afterSeq) || 0, bounded);
  }

  /** Rows as they stand, with their hashes: one at least where there is one, and no more than a page. */
  page(afterSeq: number, limit: number): ChainedRow[] {
    const rows: ChainedRow[] = [];
    const atMost = Math.max(0, Math.min(Math.trunc(limit) || 0, MAX_PAGE_ROWS));
    let length = 0;
    for (const row of this.#chained.iterate(Math.trunc(afterSeq) || 0, atMost)) {
      rows.push(row);
      length += row.body.length + (row.who?.length ?? 0);
      if (length >= MAX_PAGE_LENGTH) break;
    }
    return rows;
  }

  /** Pages of rows after `afterSeq`, each held against its hash and its number. */
  *walk(afterSeq: number): Generator<Row[], void> {
    let tip: Tip = { seq: afterSeq, hash: this.hashAt(afterSeq) ?? GENESIS };
    while (tip.seq < this.#tip.seq) {
      const rows = this.#chained.all(tip.seq, MAX_READ_EVENTS);
      if (rows.length === 0) throw missing(tip.seq + 1);
      for (const row of rows) tip = follow(tip, row);
      yield rows.map(({ hash: _, ...row }) => row);
    }
  }

  /** The hash that event `seq + 1` builds on; null when there is no event `seq`. */
  hashAt(seq: number): Buffer | null {
    return seq === 0 ? GENESIS : (this.#hashAt.get(seq) ?? null);
  }

  highestUpMs(afterSeq: number): number {
    return this.#highestUp.get(afterSeq) ?? 0;
  }
}
