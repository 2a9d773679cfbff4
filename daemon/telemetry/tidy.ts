import type { Database } from 'better-sqlite3';
import { FREE_PAGES_KEPT, MINUTE_MS, PRUNE_ROWS, VACUUM_PAGES } from './limits.ts';
import { keptFrom } from './retention.ts';
import { LEVELS } from './rows.ts';

const KEPT = 'SELECT minutes_from AS minutes, hours_from AS hours FROM meta';
const KEEP = 'UPDATE meta SET minutes_from = ?, hours_from = ?';

/**
 * One small step of what keeps the file small: expired rows go, then pages that nobody will use soon. True while there
 * is more to do. `wallMs` null: the clock is not sure.
 */
export function tidy(db: Database, wallMs: number | null): boolean {
  const step = db.transaction(() => prune(db, wallMs) || giveBack(db));
  return db.inTransaction ? prune(db, wallMs) : step.immediate();
}

function prune(db: Database, wallMs: number | null): boolean {
  const meta = db.prepare<[], { minutes: number; hours: number }>(KEPT).get() ?? { minutes: 0, hours: 0 };
  const before = { minute: meta.minutes * MINUTE_MS, hour: meta.hours * MINUTE_MS };
  const kept = keptFrom(wallMs, before);
  if (kept.minute !== before.minute || kept.hour !== before.hour)
    db.prepare(KEEP).run(kept.minute / MINUTE_MS, kept.hour / MINUTE_MS);
  const expired = [
    [LEVELS.minute, kept.minute],
    [LEVELS.quarter, kept.minute],
    [LEVELS.hour, kept.hour],
  ] as const;
  return expired.map(([level, beforeMs]) => drop(db, level, beforeMs / MINUTE_MS)).some((isMore) => isMore);
}

/** By the key, whose first rows are the oldest. */
function drop(db: Database, level: number, before: number): boolean {
  const last = db
    .prepare<[number, number, number], [number, number]>(
      'SELECT at, source FROM power WHERE resolution = ? AND at < ? ORDER BY at, source LIMIT 1 OFFSET ?',
    )
    .raw()
    .get(level, before, PRUNE_ROWS);
  const until = last === undefined ? before : last[0] + 1;
  db.prepare('DELETE FROM power WHERE resolution = ? AND at < ?').run(level, until);
  return last !== undefined;
}

/** Not the last ones: the next rows take them, and moving pages wears the disk, too. */
function giveBack(db: Database): boolean {
  const free = Number(db.pragma('freelist_count', { simple: true }));
  const pages = Number(db.pragma('page_count', { simple: true }));
  const tooMany = free - Math.max(FREE_PAGES_KEPT, Math.floor(pages / 10));
  if (tooMany <= 0) return false;
  db.exec(`PRAGMA incremental_vacuum(${Math.min(tooMany, VACUUM_PAGES)})`); // one row a page: exec takes all of them
  return tooMany > VACUUM_PAGES;
}
