import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { asLedgerError, LedgerError } from './errors.ts';

/** Files that are made beside the one that they are to become, and never seen half done under its name. */

const PRIVATE = 0o600;
const CHUNK_BYTES = 1024 * 1024;
const COMPANIONS = ['', '-wal', '-shm', '-journal'];

/** Nobody else can read it, whatever the umask. What a killed predecessor left is replaced; one at work is not disturbed. */
export function createBeside(path: string): number {
  if (existsSync(path)) {
    if (isHeld(path)) throw new LedgerError('backup_failed', `${path} is being written by another process`);
    removeBeside(path);
  }
  const file = openSync(path, 'wx', PRIVATE);
  try {
    chmodSync(path, PRIVATE);
    return statSync(path).ino;
  } finally {
    closeSync(file);
  }
}

/** Whoever writes one keeps SQLite's lock on it until it is done. */
function isHeld(path: string): boolean {
  const db = new Database(path, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE; ROLLBACK');
    return false;
  } catch (error) {
    return asLedgerError(error, path).code === 'ledger_in_use';
  } finally {
    db.close();
  }
}

export function removeBeside(path: string): void {
  for (const suffix of COMPANIONS) rmSync(`${path}${suffix}`, { force: true });
}

/** Into a file that is empty, or not there. */
export function copyBytes(from: string, to: string): void {
  const source = openSync(from, 'r');
  const target = openSync(to, 'a', PRIVATE);
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let read = readSync(source, chunk); read > 0; read = readSync(source, chunk))
      for (let written = 0; written < read; ) written += writeSync(target, chunk, written, read - written);
  } finally {
    closeSync(target);
    closeSync(source);
  }
}

/** A file, or a folder after something in it was renamed. Never one that this process has SQLite's locks on. */
export function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

export function syncFolderOf(path: string): void {
  sync(dirname(path));
}
