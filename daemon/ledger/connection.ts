import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { ensureFolder } from '../folder.ts';
import { asLedgerError, LedgerError } from './errors.ts';
import { lockHolder } from './holder.ts';
import { LOCK_WAIT_MS, QUICK_CHECK_PAGES } from './limits.ts';

/** Older ones can corrupt a WAL database (durability.md). */
const OLDEST_SQLITE = [3, 51, 3] as const;

/**
 * Set on every connection, and `synchronous` in particular: better-sqlite3 is compiled with NORMAL for WAL, which a
 * new file shows only after its first write (durability.md).
 */
const SETTINGS = [
  'journal_mode = WAL',
  'synchronous = FULL',
  'foreign_keys = ON',
  'trusted_schema = OFF',
  'journal_size_limit = 16777216',
  'cache_size = -2048',
  'busy_timeout = 5000',
]
  .map((setting) => `PRAGMA ${setting};`)
  .join('\n');

/** What must be in force once the ledger has been written to. A database in memory has no journal file and no lock. */
const IN_FORCE: Readonly<Record<string, string | number>> = { synchronous: 2, foreign_keys: 1, trusted_schema: 0 };
const IN_FORCE_ON_DISK: Readonly<Record<string, string | number>> = { journal_mode: 'wal', locking_mode: 'exclusive' };

export function assertVersion(version: string): void {
  const parts = version.split('.').map(Number);
  const index = OLDEST_SQLITE.findIndex((least, at) => parts[at] !== least);
  const isOld = index >= 0 && (parts[index] ?? 0) < (OLDEST_SQLITE[index] ?? 0);
  if (isOld) throw new LedgerError('ledger_failed', `SQLite ${version} is older than ${OLDEST_SQLITE.join('.')}`);
}

/** Created before SQLite does: its WAL file copies the mode. Whatever the umask, others cannot read it. */
export function createPrivately(path: string): void {
  const directory = dirname(path);
  // The mode whatever the umask.
  if (ensureFolder(directory)) chmodSync(directory, 0o700);
  try {
    // Exclusively: an existing file must not be opened here, for closing it would drop this process's locks on it.
    closeSync(openSync(path, 'ax', 0o600));
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
  for (const file of [path, `${path}-wal`]) if (existsSync(file)) chmodSync(file, 0o600);
}

export function inUse(path: string, cause: unknown): LedgerError {
  const pid = lockHolder(path);
  const holder = pid === null ? 'another process' : `process ${pid}`;
  return new LedgerError('ledger_in_use', `the data directory ${dirname(path)} is in use by ${holder}`, { cause });
}

/**
 * EXCLUSIVE stands before the first read (any SELECT reads the file), so that SQLite takes the file's lock then and
 * keeps it: it dies with the process, and no second one gets in.
 */
function configure(db: Database.Database): void {
  db.pragma('locking_mode = EXCLUSIVE');
  assertVersion(String(db.prepare('SELECT sqlite_version()').pluck().get()));
  db.exec(SETTINGS);
}

/** Null for a database in memory. */
function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

function openFile(path: string): Database.Database {
  if (path !== ':memory:') createPrivately(path);
  const inode = inodeOf(path);
  const db = new Database(path, { timeout: LOCK_WAIT_MS });
  try {
    configure(db);
    // While it waited for the lock, a restore may have put another ledger here: the one it has open is aside then.
    if (inodeOf(path) !== inode) throw new LedgerError('ledger_in_use', `${path} was replaced a moment ago: try again`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A file is created when missing, opened, locked and configured; a database in memory or a given one only configured. */
export function connect(where: string | Database.Database): Database.Database {
  if (typeof where !== 'string') {
    configure(where);
    return where;
  }
  try {
    return openFile(where);
  } catch (error) {
    const failure = asLedgerError(error, `cannot open ${where}`);
    throw failure.code === 'ledger_in_use' && failure !== error ? inUse(where, error) : failure;
  }
}

/** Called after a write, which is when a wrong `synchronous` shows. */
export function assertDurable(db: Database.Database): void {
  for (const [name, wanted] of Object.entries({ ...IN_FORCE, ...(db.memory ? {} : IN_FORCE_ON_DISK) })) {
    const found = db.pragma(name, { simple: true });
    if (found !== wanted) throw new LedgerError('ledger_failed', `SQLite has ${name} = ${found} instead of ${wanted}`);
  }
}

/** Damaged pages, while looking is cheap. */
export function quickCheck(db: Database.Database): void {
  if (db.memory || Number(db.pragma('page_count', { simple: true })) > QUICK_CHECK_PAGES) return;
  const found = db.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw new LedgerError('ledger_corrupt', `the ledger file is damaged: ${found}`);
}
