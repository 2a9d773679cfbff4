import Database from 'better-sqlite3';
import { LedgerError } from './errors.ts';
import { Journal } from './journal.ts';
import { APPLICATION_ID } from './schema.ts';

function numberPragma(db: Database.Database, name: string): number {
  return Number(db.pragma(name, { simple: true }));
}

/** Told before anything else of a file: an empty one would become a ledger otherwise. */
export function checkApplication(db: Database.Database, path: string): void {
  if (numberPragma(db, 'application_id') === APPLICATION_ID && numberPragma(db, 'user_version') > 0) return;
  throw new LedgerError('backup_failed', `${path} is no backup of a ledger, or not all of one`);
}

/** Reads all of a file back: its pages and its whole chain. Returns how many events there are. */
export async function holdsWhole(path: string, between: () => Promise<void>): Promise<number> {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    checkApplication(db, path);
    const found = db.pragma('integrity_check(1)', { simple: true });
    if (found !== 'ok') throw new LedgerError('backup_failed', `${path} is damaged: ${found}`);
    let events = 0;
    for (const page of new Journal(db, '').walk(0)) {
      events += page.length;
      await between();
    }
    return events;
  } finally {
    db.close();
  }
}
