import type { Database } from 'better-sqlite3';
import { LedgerError } from './errors.ts';
import { APPLICATION_ID, SCHEMA_1, SCHEMA_2 } from './schema.ts';

/** Brings a ledger from the version before it to its own. Runs inside a transaction; never changed once released. */
export type Migration = string | ((db: Database) => void);

/** The first leads from an empty file to version 1, and so on. */
export const MIGRATIONS: readonly Migration[] = [SCHEMA_1, SCHEMA_2];

function numberPragma(db: Database, name: string): number {
  return Number(db.pragma(name, { simple: true }));
}

function assertOurs(db: Database, version: number): void {
  if (version > 0 && numberPragma(db, 'application_id') === APPLICATION_ID) return;
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (version > 0 || tables !== 0) throw new LedgerError('ledger_corrupt', 'the file is not a ledger of this program');
}

function run(db: Database, migration: Migration, version: number): void {
  const step = db.transaction(() => {
    if (typeof migration === 'string') db.exec(migration);
    else migration(db);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${version}`);
  });
  step.immediate();
}

/** Each missing version in a transaction of its own; a ledger of a newer program is refused untouched. */
export function migrate(db: Database, migrations: readonly Migration[] = MIGRATIONS): void {
  const found = numberPragma(db, 'user_version');
  assertOurs(db, found);
  const known = migrations.length;
  if (found > known) {
    throw new LedgerError('ledger_newer', `the ledger has schema ${found}; this program knows ${known}`);
  }
  for (const [index, migration] of migrations.slice(found).entries()) run(db, migration, found + index + 1);
}
