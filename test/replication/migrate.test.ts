import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TIMING } from '../../daemon/replication/limits.ts';
import { migrate, textOf } from '../../daemon/replication/migrate.ts';
import { Session } from '../../daemon/replication/session.ts';
import { ask, Postgres } from '../postgres/server.ts';
import { plainTarget } from './fixtures.ts';

let server: Postgres;
beforeAll(async () => {
  server = await Postgres.start({ flags: ['allow_system_table_mods=on'] });
});
afterAll(() => server.stop());

async function migrated(url: string): Promise<void> {
  const session = await Session.open(plainTarget(url), TIMING, new AbortController().signal);
  try {
    await migrate(session, TIMING);
  } finally {
    session.close();
  }
}

function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error) => error.code,
  );
}

async function versions(url: string): Promise<string[]> {
  const rows = await ask(url, 'select version, variant from voltsafe.schema_version order by version');
  return rows.map(({ version, variant }) => `${version} ${variant}`);
}

describe('the schema in Postgres', () => {
  it('is made once by ten hubs that start at once', async () => {
    const url = await server.newDatabase();
    await Promise.all(Array.from({ length: 10 }, () => migrated(url)));
    expect(await versions(url)).toEqual(['1 base', '2 native', '3 views', '4 decisions']);
    await migrated(url);
    expect(await versions(url)).toEqual(['1 base', '2 native', '3 views', '4 decisions']);
  });

  it('goes on from where an older hub left it', async () => {
    const url = await server.newDatabase();
    await ask(url, await textOf('001-base.sql'));
    await migrated(url);
    expect(await versions(url)).toEqual(['1 base', '2 native', '3 views', '4 decisions']);
  });

  it('of a newer hub is not touched', async () => {
    const url = await server.newDatabase();
    await migrated(url);
    await ask(url, "insert into voltsafe.schema_version values (99, 'of tomorrow')");
    expect(await codeOf(migrated(url))).toBe('schema_newer');
  });

  it('that fails half way leaves nothing behind', async () => {
    const url = await server.newDatabase();
    await ask(url, 'create schema voltsafe; create table voltsafe.origin_cursor (surprise int)');
    expect(await codeOf(migrated(url))).toBe('postgres_failed');
    expect(await ask(url, `select to_regclass('voltsafe.hub') as hub`)).toEqual([{ hub: null }]);
    await ask(url, 'drop table voltsafe.origin_cursor');
    await migrated(url);
    expect(await versions(url)).toEqual(['1 base', '2 native', '3 views', '4 decisions']);
  });

  it('is asked of somebody else where this role may create nothing', async () => {
    const url = await server.newDatabase();
    await ask(url, `create role visitor login password 'v'`);
    const visitor = server.urlOf(new URL(url).pathname.slice(1), { user: 'visitor', password: 'v' });
    expect(await codeOf(migrated(visitor))).toBe('schema_missing');
  });
});

describe('where TimescaleDB is installed', () => {
  async function pretended(license: string): Promise<string> {
    const url = await server.newDatabase();
    await ask(url, `insert into pg_extension select 99999, 'timescaledb', 10, 11, false, '2', null, null`);
    await ask(url, `alter database ${new URL(url).pathname.slice(1)} set timescaledb.license = '${license}'`);
    return url;
  }

  /** As far as a server goes that has none of it: the tables are made, and the first function of the extension is missing. */
  it('its own file is run', async () => {
    await expect(migrated(await pretended('timescale'))).rejects.toMatchObject({
      detail: expect.stringContaining('create_hypertable'),
    });
  });

  it('but not without the licence that compresses', async () => {
    const url = await pretended('apache');
    await migrated(url);
    expect((await versions(url))[1]).toBe('2 native');
  });
});

describe('months', () => {
  const parts = `select inhrelid::regclass::text as part from pg_inherits
    where inhparent = 'voltsafe.power_readings'::regclass order by 1`;

  it('are made by many hubs at once, each once, and no month beyond reason', async () => {
    const url = await server.newDatabase();
    await migrated(url);
    const months = `{2026-03-01,2026-03-15,2026-04-01,1970-01-01,9999-01-01}`;
    const asked = Array.from({ length: 10 }, () => ask(url, 'select voltsafe.prepare_power_months($1)', [months]));
    await Promise.all(asked);
    expect((await ask(url, parts)).map(({ part }) => part)).toEqual([
      'voltsafe.power_readings_2026_03',
      'voltsafe.power_readings_2026_04',
      'voltsafe.power_readings_other',
    ]);
  });

  it('take over what was written too early', async () => {
    const url = await server.newDatabase();
    await migrated(url);
    await ask(
      url,
      `insert into voltsafe.power_readings select 'h', gen_random_uuid(), 'house', at::timestamptz, 1, 1, 1, 1, null, 1, 60,
        false, null, null, true, 1 from unnest(array['2026-03-10', '1970-01-01']) at`,
    );
    await ask(url, `select voltsafe.prepare_power_months('{2026-03-01}')`);
    const where = await ask(url, 'select tableoid::regclass::text as part from voltsafe.power_readings order by at');
    expect(where.map(({ part }) => part)).toEqual(['voltsafe.power_readings_other', 'voltsafe.power_readings_2026_03']);
  });

  it('are forgotten as a whole, and only old ones', async () => {
    const url = await server.newDatabase();
    await migrated(url);
    await ask(url, `select voltsafe.prepare_power_months('{2020-05-01,2026-10-01}')`);
    expect(await ask(url, `select voltsafe.forget_power_minutes('3 years') as dropped`)).toEqual([{ dropped: 1 }]);
    expect((await ask(url, parts)).map(({ part }) => part)).toEqual([
      'voltsafe.power_readings_2026_10',
      'voltsafe.power_readings_other',
    ]);
  });
});
