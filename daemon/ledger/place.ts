import {
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { createBeside, removeBeside, sync, syncFolderOf } from './beside.ts';
import { createPrivately, inUse } from './connection.ts';
import { asLedgerError } from './errors.ts';
import { lockHolder } from './holder.ts';
import { LOCK_WAIT_MS } from './limits.ts';
import { readTokenFloor } from './restored.ts';

/** Told before each step that a crash may come between: for tests. */
export type OnStep = (step: 'set aside' | 'log away' | 'put in place' | 'done') => void;

const LOGS = ['-wal', '-shm'];
/** Of every SQLite file (sqlite.org/fileformat2, 1.3). */
const HEADER = Buffer.from('SQLite format 3\0');

/**
 * The place of a ledger, held against every hub while another one is made ready beside it and put there. At every moment the
 * ledger of before is there or the new one, whole: whoever dies in between can simply do it again.
 */
export class LedgerPlace {
  /** Where the new ledger is made. */
  readonly incoming: string;
  /** What the ledger that is there says of fencing tokens. */
  readonly tokenFloor: number;
  readonly #path: string;
  readonly #hasOldFolder: boolean;
  readonly #hasOld: boolean;
  readonly #inode: number;
  #lock: Database.Database | null;
  #isPut = false;

  /** Throws `ledger_in_use` while anybody has it. */
  constructor(path: string) {
    this.#path = path;
    this.incoming = `${path}.restoring`;
    this.#hasOldFolder = existsSync(dirname(path));
    this.#hasOld = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
    createPrivately(path);
    this.#lock = lock(path);
    this.tokenFloor = this.#lock === null ? 0 : readTokenFloor(this.#lock);
    try {
      dropTwins(path);
      this.#inode = createBeside(this.incoming);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Returns where the ledger of before is kept; null where there was none. */
  put(stamp: string, onStep: OnStep): string | null {
    this.#settle();
    sync(this.incoming);
    if (statSync(this.incoming).ino !== this.#inode) throw new Error(`${this.incoming} was replaced meanwhile`);
    onStep('set aside');
    const aside = this.#setAside(freeName(`${this.#path}.before-restore-${stamp}`));
    onStep('log away');
    // Empty, or its frames stand aside: beside the new ledger it would be taken for a part of that.
    for (const log of LOGS) rmSync(`${this.#path}${log}`, { force: true });
    syncFolderOf(this.#path);
    onStep('put in place');
    renameSync(this.incoming, this.#path);
    this.#isPut = true;
    syncFolderOf(this.#path);
    onStep('done');
    return aside;
  }

  /** Its log moved into it, so that one rename replaces all of it. A damaged one may keep its log. */
  #settle(): void {
    try {
      this.#lock?.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      const failure = asLedgerError(error, `${this.#path} cannot be set aside`);
      if (failure.code !== 'ledger_corrupt') throw failure;
    }
  }

  /** By a second name: the first one stays until the new ledger takes it. */
  #setAside(aside: string): string | null {
    if (!this.#hasOld) return null;
    linkSync(this.#path, aside);
    for (const log of LOGS) {
      const found = statSync(`${this.#path}${log}`, { throwIfNoEntry: false });
      if (found !== undefined && found.size > 0) linkSync(`${this.#path}${log}`, `${aside}${log}`);
    }
    syncFolderOf(this.#path);
    return aside;
  }

  /** Nothing of what was not put in place is left. */
  release(): void {
    removeBeside(this.incoming);
    // What stands there was only made to hold the place.
    if (!this.#isPut && !this.#hasOld) removeBeside(this.#path);
    this.#lock?.close();
    this.#lock = null;
    if (!this.#isPut && !this.#hasOldFolder) rmdirSync(dirname(this.#path));
  }
}

/** Null where SQLite cannot make anything of the file: no hub can either. */
function lock(path: string): Database.Database | null {
  if (isNonsense(path)) return refuseHolder(path);
  const db = new Database(path, { timeout: LOCK_WAIT_MS });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('trusted_schema = OFF');
    db.exec('BEGIN EXCLUSIVE; COMMIT');
    return db;
  } catch (error) {
    db.close();
    const failure = asLedgerError(error, `cannot open ${path}`);
    if (failure.code === 'ledger_in_use') throw inUse(path, error);
    if (failure.code !== 'ledger_corrupt') throw failure;
    return null;
  }
}

/** Not even opened: SQLite would delete the log that lies beside it. Read before this process has any lock on it. */
function isNonsense(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER.length);
    return readSync(file, header) > 0 && !header.equals(HEADER);
  } finally {
    closeSync(file);
  }
}

/** A hub may have it open all the same, whoever wrote over it. */
function refuseHolder(path: string): null {
  if (lockHolder(path) !== null) throw inUse(path, null);
  return null;
}

/** Of a restore that died before the end: second names of the very file that is in use, and no ledgers of before. */
function dropTwins(path: string): void {
  const [folder, { ino }] = [dirname(path), statSync(path)];
  const isAside = (name: string) => name.startsWith(`${basename(path)}.before-restore-`);
  for (const name of readdirSync(folder).filter(isAside))
    if (statSync(join(folder, name)).ino === ino) rmSync(join(folder, name));
}

function freeName(wanted: string): string {
  for (let name = wanted, next = 2; ; name = `${wanted}-${next}`, next += 1) if (!existsSync(name)) return name;
}
