import { readFile } from 'node:fs/promises';
import { ReplicationError } from './errors.ts';
import { SCHEMA_VERSION, type Timing } from './limits.ts';
import type { Queries } from './session.ts';

/** Brings the schema `voltsafe` to the version of this program. Many hubs may do so at once: one does, the others wait. */

/** 'VSHL', as in the header of a ledger: nobody else locks under it by chance. */
const LOCK = 0x5653484c;

const FILES: readonly ((isTimescale: boolean) => string)[] = [
  () => '001-base.sql',
  (isTimescale) => (isTimescale ? '002-power-timescale.sql' : '002-power-native.sql'),
  () => '003-views.sql',
  () => '004-decisions.sql',
];

export async function migrate(session: Queries, { migrateMs, statementMs }: Timing): Promise<void> {
  if ((await versionIn(session)) === SCHEMA_VERSION) return;
  await session.query(`select ${limits(migrateMs)}`);
  for (
    let version = await step(session, migrateMs);
    version < SCHEMA_VERSION;
    version = await step(session, migrateMs)
  );
  await session.query(`select ${limits(statementMs)}`);
}

/** One version in one transaction; returns the version that stands then. */
async function step(session: Queries, withinMs: number): Promise<number> {
  await session.query('begin');
  try {
    await session.query(`select pg_advisory_xact_lock(${LOCK})`, [], withinMs);
    // Only now: another hub may have been here while this one waited.
    const version = await versionIn(session);
    const file = FILES[version];
    if (file !== undefined) await session.query(await textOf(file(await hasTimescale(session))), undefined, withinMs);
    await session.query('commit');
    return file === undefined ? version : version + 1;
  } catch (error) {
    // A connection that is gone has rolled back.
    await session.query('rollback').catch(() => undefined);
    throw missing(error);
  }
}

/** Not to_regclass: it remembers that there was none, beyond the wait for the lock. */
const IS_THERE = `select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'voltsafe' and c.relname = 'schema_version') as is_there`;

/** 0: there is no schema yet. */
async function versionIn(session: Queries): Promise<number> {
  const [there] = await session.query(IS_THERE);
  if (there?.is_there !== true) return 0;
  const [found] = await session.query('select coalesce(max(version), 0)::int as version from voltsafe.schema_version');
  const version = Number(found?.version);
  if (version <= SCHEMA_VERSION) return version;
  throw new ReplicationError(
    'schema_newer',
    `the database is at version ${version}, this hub knows up to ${SCHEMA_VERSION}`,
  );
}

/** Compression and continuous aggregates are of the community licence; without them plain partitions are better. */
async function hasTimescale(session: Queries): Promise<boolean> {
  const [found] = await session.query(
    `select exists (select from pg_extension where extname = 'timescaledb')
      and coalesce(current_setting('timescaledb.license', true), '') = 'timescale' as is_there`,
  );
  return found?.is_there === true;
}

/** Beside this file: a package needs no build to find them. */
export function textOf(file: string): Promise<string> {
  return readFile(new URL(`./sql/${file}`, import.meta.url), 'utf8');
}

/** A role that may not create anything is right; somebody else has to, once. */
function missing(error: unknown): unknown {
  if (!(error instanceof ReplicationError) || error.code !== 'postgres_denied') return error;
  return new ReplicationError('schema_missing', `the schema is not at version ${SCHEMA_VERSION}: ${error.detail}`);
}

function limits(ms: number): string {
  return `set_config('statement_timeout', '${ms}', false), set_config('lock_timeout', '${ms}', false)`;
}
