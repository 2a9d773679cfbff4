import type { Database } from 'better-sqlite3';
import type { RestoredFrom } from './stored.ts';

/** What a ledger knows of its restore: columns of `meta`. */

export interface Restore {
  /** What replication calls this ledger from now on. */
  readonly origin: string;
  readonly from: RestoredFrom;
  readonly wallMs: number;
  readonly tokenFloor: number;
}

interface Columns {
  readonly origin: string | null;
  readonly seq: number | null;
}

export function readRestoredFrom(db: Database): RestoredFrom | null {
  const sql = 'SELECT restored_from_origin AS origin, restored_from_seq AS seq FROM meta';
  const { origin = null, seq = null } = db.prepare<[], Columns>(sql).get() ?? {};
  return origin === null || seq === null ? null : { origin, seq };
}

export function markRestored(db: Database, { origin, from, wallMs, tokenFloor }: Restore): void {
  const sql = `UPDATE meta SET origin = ?, restored_from_origin = ?, restored_from_seq = ?, restored_wall_ms = ?, token_floor = ?`;
  db.prepare(sql).run(origin, from.origin, from.seq, wallMs, tokenFloor);
}

/** The least that fencing tokens of a ledger go on from; 0 where it cannot tell: an older schema, a damaged file. */
export function readTokenFloor(db: Database): number {
  try {
    return db.prepare<[], number>('SELECT token_floor FROM meta').pluck().get() ?? 0;
  } catch {
    return 0;
  }
}
