import { renameSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { checkApplication, holdsWhole } from './backup-check.ts';
import { createBeside, removeBeside, sync, syncFolderOf } from './beside.ts';
import { asLedgerError, LedgerError } from './errors.ts';
import { BACKUP_LEAVES_BYTES, BACKUP_SYNC_BYTES } from './limits.ts';
import { migrate } from './migrations.ts';
import { APPLICATION_ID } from './schema.ts';
import type { LedgerRow } from './stored.ts';

/** A ledger that is copied while it goes on: events are never changed, so those up to one moment are a whole ledger. */
export interface BackupSource {
  readonly origin: string;
  /** The last event that belongs into the copy. */
  readonly lastSeq: number;
  /** A page of the events after one, as they stand. */
  rows(afterSeq: number): Promise<readonly LedgerRow[]>;
}

export interface BackupOptions {
  /** Where the ledger lies: a backup on the same disk leaves it room. */
  readonly dataDir: string;
  readonly stop: AbortSignal;
}

export interface Backup {
  readonly events: number;
  readonly bytes: number;
  /** Wall clock of the last event; null where there is none. */
  readonly lastWallMs: number | null;
}

/**
 * Writes a backup beside `path` and renames it once it is whole, on its disk and verified. All of it happens in the process
 * that wants it: a hub only hands out pages, so that no slow, full or dead target ever holds up a commit.
 */
export async function writeBackup(path: string, source: BackupSource, options: BackupOptions): Promise<Backup> {
  const part = `${path}.part`;
  const doing = `the backup ${path} could not be written`;
  const inode = guarded(doing, () => createBeside(part));
  try {
    const lastWallMs = await fill(part, source, options);
    const events = await holdsWhole(part, () => proceed(options.stop));
    if (events !== source.lastSeq) throw new LedgerError('backup_failed', `${part} has ${events} events`);
    sync(part);
    if (statSync(part).ino !== inode) throw new LedgerError('backup_failed', `${part} was replaced meanwhile`);
    renameSync(part, path);
    syncFolderOf(path);
    return { events, bytes: statSync(path).size, lastWallMs };
  } catch (error) {
    removeBeside(part);
    throw failed(error, doing);
  }
}

function guarded<T>(doing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw failed(error, doing);
  }
}

/** Whatever goes wrong here goes wrong with the copy; only a source that is damaged says so itself. */
function failed(error: unknown, doing: string): LedgerError {
  if (error instanceof LedgerError) return error;
  return new LedgerError('backup_failed', asLedgerError(error, doing).what, { cause: error });
}

async function proceed(stop: AbortSignal): Promise<void> {
  await turn();
  if (stop.aborted) throw new LedgerError('backup_failed', 'the backup was stopped; nothing of it is left');
}

/** Returns when its last event was. */
async function fill(part: string, source: BackupSource, options: BackupOptions): Promise<number | null> {
  const db = openPart(part, source.origin);
  try {
    const room = roomFor(part, options.dataDir);
    const lastWallMs = await copyRows(db, source, async () => {
      room();
      await proceed(options.stop);
    });
    // Last: what has no application id is no ledger, so that a half of one is never taken for a backup.
    db.pragma(`application_id = ${APPLICATION_ID}`);
    checkApplication(db, part);
    return lastWallMs;
  } finally {
    db.close();
  }
}

/** No journal: until it is renamed, nobody wants back what it was before. Each commit is on the disk when it returns. */
function openPart(part: string, origin: string): Database.Database {
  const db = new Database(part);
  try {
    for (const setting of ['locking_mode = EXCLUSIVE', 'journal_mode = OFF', 'synchronous = FULL']) db.pragma(setting);
    migrate(db);
    db.pragma('application_id = 0');
    db.prepare('INSERT INTO meta (id, origin) VALUES (1, ?)').run(origin);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

type Between = () => Promise<void>;

async function copyRows(db: Database.Database, source: BackupSource, between: Between): Promise<number | null> {
  const insert = db.prepare(
    `INSERT INTO event (seq, wall_ms, up_ms, boot_id, kind, who, appliance, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const add = db.transaction((rows: readonly LedgerRow[]) => {
    for (const r of rows) insert.run(r.seq, r.wallMs, r.upMs, r.bootId, r.kind, r.who, r.appliance, r.body, r.hash);
  });
  let [seq, wallMs]: [number, number | null] = [0, null];
  for (let batch: LedgerRow[] = [], length = 0; seq < source.lastSeq; ) {
    const page = (await source.rows(seq)).filter((row) => row.seq <= source.lastSeq);
    const last = page.at(-1);
    if (last === undefined) throw new LedgerError('ledger_corrupt', `event ${seq + 1} is missing`);
    ({ seq, wallMs } = last);
    batch.push(...page);
    length += page.reduce((sum, { body }) => sum + body.length, 0);
    if (seq < source.lastSeq && length < BACKUP_SYNC_BYTES) continue;
    add(batch);
    [batch, length] = [[], 0];
    await between();
  }
  return wallMs;
}

/** Throws where the disk of the ledger would be filled: what is left there belongs to its commits. */
function roomFor(part: string, dataDir: string): () => void {
  const isShared = statSync(part).dev === statSync(dataDir).dev;
  return () => {
    const { bavail, bsize } = statfsSync(dirname(part));
    if (!isShared || bavail * bsize >= BACKUP_LEAVES_BYTES) return;
    throw new LedgerError('backup_failed', 'the disk of the ledger would be filled up');
  };
}
