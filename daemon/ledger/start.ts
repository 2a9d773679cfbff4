import type { Database } from 'better-sqlite3';
import { assertDurable, quickCheck } from './connection.ts';
import { asLedgerError } from './errors.ts';
import { migrate } from './migrations.ts';
import type { Reserve } from './reserve.ts';

export interface StartOptions {
  readonly bootId: string;
  /** Names a new ledger; randomness comes from outside. */
  readonly newOrigin: () => string;
  /** Without one, a full disk is just a failed append. */
  readonly reserve?: Reserve;
}

/** Writes something at every start: it proves that the disk takes a commit, and shows the real `synchronous`. */
function recordStart(db: Database, { bootId, newOrigin }: StartOptions): string {
  const record = db.transaction(() => {
    db.prepare('INSERT INTO meta (id, origin) VALUES (1, ?) ON CONFLICT DO NOTHING').run(newOrigin());
    const update = 'UPDATE meta SET opened = opened + 1, boot_id = ? RETURNING origin';
    return db.prepare<[string], string>(update).pluck().get(bootId) ?? '';
  });
  return record.immediate();
}

function prepare(db: Database, options: StartOptions): string {
  migrate(db);
  const origin = recordStart(db, options);
  assertDurable(db);
  return origin;
}

/** Makes a configured connection a ledger of this version and returns its origin. */
export function start(db: Database, options: StartOptions): string {
  quickCheck(db);
  try {
    return prepare(db, options);
  } catch (error) {
    const isFull = asLedgerError(error, 'start').code === 'ledger_full';
    if (!isFull || options.reserve?.isHeld() !== true) throw error;
    // A hub must come up on a full disk, too: its OFFs are wanted there as anywhere.
    options.reserve.release();
    return prepare(db, options);
  }
}
