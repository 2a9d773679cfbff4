import type { Database } from 'better-sqlite3';
import { TelemetryError } from './errors.ts';

/** 'VSHT' in the file's header: tells a power history from any other SQLite file. */
const APPLICATION_ID = 0x56534854;

/**
 * Version 1.
 * - `power`: all resolutions (0 minute, 1 hour, 2 day, 3 quarter of an hour) in one tree, by time first: a batch appends to a few pages,
 *   whatever the number of sources; by source first it would touch a page of each (230 MB a day with 100 plugs).
 *   `at` is in minutes since 1970, flags: 1 estimated, 2 the clock was not sure.
 * - `source`: what its counter stood at goes with the rows that it explains.
 * - `meta`: minutes and hours are kept from these on; `origin` names the file, whose revs mean nothing elsewhere.
 */
const SCHEMA_1 = `
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    origin TEXT NOT NULL DEFAULT '',
    rev INTEGER NOT NULL DEFAULT 0,
    timezone TEXT,
    minutes_from INTEGER NOT NULL DEFAULT 0,
    hours_from INTEGER NOT NULL DEFAULT 0,
    cursor_origin TEXT,
    cursor_seq INTEGER,
    cursor_rev INTEGER
  ) STRICT;
  INSERT INTO meta (id) VALUES (1);

  CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    last_at INTEGER NOT NULL DEFAULT 0,
    energy_mwh INTEGER,
    export_mwh INTEGER,
    wall_ms INTEGER,
    booked_mwms INTEGER,
    rest_mwms INTEGER
  ) STRICT;

  CREATE TABLE power (
    resolution INTEGER NOT NULL,
    at INTEGER NOT NULL,
    source INTEGER NOT NULL,
    rev INTEGER,
    avg_mw INTEGER NOT NULL,
    min_mw INTEGER NOT NULL,
    max_mw INTEGER NOT NULL,
    energy_mwh INTEGER NOT NULL,
    voltage_mv INTEGER,
    covered_ms INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    interactive_mw INTEGER,
    background_mw INTEGER,
    flags INTEGER NOT NULL,
    PRIMARY KEY (resolution, at, source)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX power_rev ON power (rev) WHERE rev IS NOT NULL;
`;

/** The first leads from an empty file to version 1, and so on; never changed once released. */
export const MIGRATIONS: readonly string[] = [SCHEMA_1];

function numberPragma(db: Database, name: string): number {
  return Number(db.pragma(name, { simple: true }));
}

/** Each missing version in a transaction of its own; a file of a newer program is refused untouched. */
export function migrate(db: Database, migrations: readonly string[] = MIGRATIONS): void {
  const found = numberPragma(db, 'user_version');
  const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  if ((found > 0 || tables > 0) && numberPragma(db, 'application_id') !== APPLICATION_ID)
    throw new TelemetryError('telemetry_corrupt', 'the file is not a power history of this program');
  if (found > migrations.length)
    throw new TelemetryError('telemetry_newer', `the power history has schema ${found}, not ${migrations.length}`);
  for (const [index, migration] of migrations.slice(found).entries()) run(db, migration, found + index + 1);
}

function run(db: Database, migration: string, version: number): void {
  const step = db.transaction(() => {
    db.exec(migration);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${version}`);
  });
  step.immediate();
}
