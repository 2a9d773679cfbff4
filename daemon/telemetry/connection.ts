import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { ensureFolder } from '../folder.ts';
import { migrate } from './schema.ts';

/**
 * `auto_vacuum` takes effect only before the first page is written. NORMAL: a power cut may lose the last batches, the
 * file stays whole (durability.md). Nothing is written before a COMMIT (`cache_spill`): a batch is open for five minutes.
 * The ledger guards the data directory; EXCLUSIVE keeps a system `sqlite3` out of a live file.
 */
const SETTINGS = [
  'auto_vacuum = INCREMENTAL',
  'locking_mode = EXCLUSIVE',
  'journal_mode = WAL',
  'synchronous = NORMAL',
  'trusted_schema = OFF',
  'journal_size_limit = 8388608',
  'cache_size = -1024',
  'cache_spill = OFF',
];

/** Created before SQLite does: its WAL file copies the mode. */
function createPrivately(path: string): void {
  ensureFolder(dirname(path));
  if (existsSync(path)) return;
  closeSync(openSync(path, 'ax', 0o600));
  chmodSync(path, 0o600);
}

/** Opens or creates, configures and migrates. A `Database` that is handed in stays the caller's. */
export function connect(where: string | Database.Database): Database.Database {
  if (typeof where === 'string' && where !== ':memory:') createPrivately(where);
  const db = typeof where === 'string' ? new Database(where, { timeout: 1000 }) : where;
  try {
    for (const setting of SETTINGS) db.pragma(setting);
    migrate(db);
    return db;
  } catch (error) {
    if (typeof where === 'string') db.close();
    throw error;
  }
}
