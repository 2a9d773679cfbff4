import { chmodSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TIMING } from '../../daemon/replication/limits.ts';
import { textOf } from '../../daemon/replication/migrate.ts';
import { Session } from '../../daemon/replication/session.ts';
import { writeEvents } from '../../daemon/replication/write-events.ts';
import { CERTIFICATE, KEY } from '../broker/embedded-certificate.ts';
import { switchedOff } from '../ledger/events.ts';
import { ask, Postgres } from '../postgres/server.ts';
import { Wire } from '../postgres/wire.ts';
import { copying, copyOf, History, Journal, MINUTE_MS, NOON_MS, plainTarget, soon, tempFolder } from './fixtures.ts';

let server: Postgres;
beforeAll(async () => {
  server = await Postgres.start({ tls: { certificate: CERTIFICATE, key: KEY } });
});
afterAll(() => server.stop());

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

async function withEvents(count: number): Promise<Journal> {
  const journal = await Journal.open();
  await journal.append(count);
  return journal;
}

describe('what is wrong is told with what to do, without secrets', () => {
  it.each([
    ['nobody listens', 'postgres_unreachable', 'postgres://u:hunter2@127.0.0.1:1/x'],
    ['a host that nobody knows', 'postgres_unknown_host', 'postgres://u:hunter2@nowhere.invalid/x'],
  ])('%s: %s', async (_, code, url) => {
    const { replicator, troubles } = copying(url, { events: await withEvents(2) });
    await soon(() => replicator.state().last_error?.code).toBe(code);
    expect(replicator.state()).toMatchObject({ connected: false, lag_rows: 2, last_seq: null });
    expect(JSON.stringify([troubles, replicator.state()])).not.toContain('hunter2');
  });

  it('a wrong password, a database that is not there', async () => {
    const url = await server.newDatabase();
    const wrong = server.urlOf(nameOf(url), { password: 'hunter2' });
    const { replicator, troubles } = copying(wrong, { events: await withEvents(1) });
    const other = copying(server.urlOf('nothing_here'), { events: await withEvents(1) });
    await soon(() => replicator.state().last_error?.code).toBe('postgres_refused_login');
    await soon(() => other.replicator.state().last_error?.code).toBe('postgres_no_database');
    expect(JSON.stringify([troubles, replicator.state()])).not.toContain('hunter2');
    expect(troubles).toHaveLength(1);
  });

  it('a disk of the server that is full, a server that is read-only, a schema of a newer hub; each is tried again', async () => {
    const url = await server.newDatabase();
    const journal = await withEvents(3);
    await ask(url, `alter database ${nameOf(url)} set default_transaction_read_only = on`);
    const { replicator, troubles } = copying(url, { events: journal });
    await soon(() => replicator.state().last_error?.code).toBe('postgres_read_only');
    await ask(url, `begin read write; alter database ${nameOf(url)} reset default_transaction_read_only; commit`);
    await soon(() => replicator.state()).toMatchObject({ connected: true, lag_rows: 0, last_error: null });
    await ask(
      url,
      `create function voltsafe.no_room() returns trigger language plpgsql as
      $$ begin raise 'No space left on device' using errcode = '53100'; end $$;
      create trigger no_room before insert on voltsafe.event execute function voltsafe.no_room()`,
    );
    await journal.append(2);
    replicator.wake();
    await soon(() => replicator.state().last_error?.code).toBe('postgres_full');
    await ask(url, `drop trigger no_room on voltsafe.event; insert into voltsafe.schema_version values (99, 'later')`);
    await soon(() => replicator.state().last_error?.code).toBe('schema_newer');
    await ask(url, 'delete from voltsafe.schema_version where version = 99');
    await soon(() => replicator.state()).toMatchObject({ connected: true, lag_rows: 0, last_error: null });
    expect(await copyOf(url, journal)).toEqual({ rows: 5, wrong: [] });
    expect(troubles.map(({ code }) => code)).toEqual(['postgres_read_only', 'postgres_full', 'schema_newer']);
    expect(troubles.every(({ advice }) => advice.length > 10)).toBe(true);
  });
});

describe('TLS', () => {
  it('is what the configuration says, and never less', async () => {
    const url = await server.newDatabase();
    const caFile = join(tempFolder(), 'ca.pem');
    writeFileSync(caFile, CERTIFICATE);
    const other = await Wire.to(server.port, '127.0.0.2');
    const elsewhere = server.urlOf(nameOf(url)).replace(`127.0.0.1:${server.port}`, `127.0.0.2:${other.port}`);
    const cases = [
      [url, 'require', null, null],
      [url, 'verify-full', caFile, null],
      [url, 'verify-full', null, 'postgres_tls'], // the system does not know who signed it
      [elsewhere, 'verify-ca', caFile, null],
      [elsewhere, 'verify-full', caFile, 'postgres_tls'], // the certificate is of another address
      [url, 'verify-full', join(tempFolder(), 'none'), 'ca_file'],
    ] as const;
    const events = await withEvents(1);
    for (const [where, tls, ca, code] of cases) {
      const { replicator } = copying(where, { events, target: { ...plainTarget(where), tls, caFile: ca } });
      await soon(() => [replicator.state().connected, replicator.state().last_error?.code ?? null]).toEqual([
        code === null,
        code,
      ]);
      if (code === null) expect(await encrypted(url)).toBe(true);
      await replicator.stop();
    }
    await other.close();
  });

  it('is not done without when the server has none', async () => {
    const url = await server.newDatabase();
    await ask(url, 'alter system set ssl = off');
    await ask(url, 'select pg_reload_conf()');
    const target = { ...plainTarget(url), tls: 'require' } as const;
    const { replicator } = copying(url, { events: await withEvents(1), target });
    await soon(() => replicator.state().last_error?.code).toBe('postgres_tls');
    await ask(url, 'alter system reset ssl');
    await ask(url, 'select pg_reload_conf()');
    await soon(() => replicator.state().connected).toBe(true);
  });

  async function encrypted(url: string): Promise<boolean> {
    const rows = await ask(
      url,
      `select ssl from pg_stat_ssl join pg_stat_activity using (pid) where datname = current_database()
        and application_name = 'voltsafe-hub'`,
    );
    return rows.length > 0 && rows.every(({ ssl }) => ssl === true);
  }
});

describe('the password file', () => {
  it('is read for each connection, and not where others may read it', async () => {
    const url = await server.newDatabase();
    const passwordFile = join(tempFolder(), 'password');
    writeFileSync(passwordFile, 'of-the-tests\n', { mode: 0o644 });
    const target = { ...plainTarget(server.urlOf(nameOf(url), { password: '' })), passwordFile };
    const { replicator, troubles } = copying(url, { events: await withEvents(1), target });
    await soon(() => replicator.state().last_error?.code).toBe('password_file');
    chmodSync(passwordFile, 0o640);
    await soon(() => replicator.state().connected).toBe(true);
    expect(JSON.stringify(troubles)).not.toContain('of-the-tests');
  });
});

describe('a role that may do what is needed', () => {
  it('copies everything, makes no table, changes and deletes no event', async () => {
    const url = await server.newDatabase();
    const first = copying(url, { events: await withEvents(1) });
    await soon(() => first.replicator.state().lag_rows).toBe(0);
    await ask(url, await textOf('role-hub.sql'));
    await ask(url, `create role a_hub login password 'h' in role voltsafe_hub`);
    const hub = server.urlOf(nameOf(url), { user: 'a_hub', password: 'h' });
    const journal = await withEvents(4);
    const power = new History();
    power.put({ source: 'house', startMs: NOON_MS - 200 * 1440 * MINUTE_MS });
    power.put({ source: 'house', startMs: NOON_MS, resolution: 'day' });
    const standing = () => ({ asOfSeq: 4, appliances: [{ id: 'a' }], locks: [] });
    const { replicator, troubles } = copying(hub, { events: journal, power, standing });
    await soon(() => ask(url, 'select appliance from voltsafe.appliance')).toEqual([{ appliance: 'a' }]);
    expect(await copyOf(url, journal)).toEqual({ rows: 4, wrong: [] });
    expect(replicator.state().lag_rows).toBe(0);
    expect(troubles).toEqual([]);
    for (const text of [
      'delete from voltsafe.event',
      'update voltsafe.event set seq = 0',
      'truncate voltsafe.power_readings',
      'delete from voltsafe.power_readings',
      'create table voltsafe.mine (a int)',
      'drop table voltsafe.lock',
      `select voltsafe.forget_power_minutes()`,
    ]) {
      await expect(ask(hub, text)).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('and one that was granted nothing is told so', async () => {
    const url = await server.newDatabase();
    const first = copying(url, { events: await withEvents(1) });
    await soon(() => first.replicator.state().lag_rows).toBe(0);
    await ask(url, `create role nobody_yet login password 'n'`);
    const { replicator } = copying(server.urlOf(nameOf(url), { user: 'nobody_yet', password: 'n' }), {
      events: await withEvents(1),
    });
    await soon(() => replicator.state().last_error?.code).toBe('postgres_denied');
  });
});

describe('slow and broken ways', () => {
  it('a statement that takes too long is given up, and smaller ones follow', async () => {
    const url = await server.newDatabase();
    const journal = await withEvents(1);
    const { replicator } = copying(url, { events: journal, timing: { statementMs: 400, answerMs: 5_000 } });
    await soon(() => replicator.state().lag_rows).toBe(0);
    await ask(
      url,
      `create function voltsafe.crawl() returns trigger language plpgsql as
        $$ begin perform pg_sleep(0.002); return new; end $$;
      create trigger crawl before insert on voltsafe.event for each row execute function voltsafe.crawl()`,
    );
    await journal.append(400);
    replicator.wake();
    await soon(() => replicator.state().last_error?.code).toBe('postgres_slow');
    await soon(() => replicator.state().lag_rows).toBe(0);
    expect(await copyOf(url, journal)).toEqual({ rows: 401, wrong: [] });
  });

  it('answers that do not come end the connection, and what was committed is not sent twice', async () => {
    const url = await server.newDatabase();
    const wire = await Wire.to(server.port);
    const journal = await withEvents(1);
    const through = server.urlOf(nameOf(url), { port: wire.port });
    const { replicator } = copying(through, { events: journal, timing: { answerMs: 300 } });
    await soon(() => replicator.state().lag_rows).toBe(0);
    wire.hold();
    await journal.append(50);
    replicator.wake();
    await soon(() => replicator.state().last_error?.code).toBe('postgres_slow');
    wire.release();
    await soon(() => replicator.state()).toMatchObject({ connected: true, lag_rows: 0 });
    expect(await copyOf(url, journal)).toEqual({ rows: 51, wrong: [] });
    await replicator.stop();
    await wire.close();
  });
});

describe('two ledgers under one origin', () => {
  it('an old copy, and one that went another way, are alarms; nothing is written', async () => {
    const url = await server.newDatabase();
    const journal = await withEvents(3);
    await journal.ledger.close();
    const folder = tempFolder();
    cpSync(journal.folder, folder, { recursive: true });
    const later = await Journal.open(journal.folder);
    await later.append(5);
    const first = copying(url, { events: later });
    await soon(() => first.replicator.state().last_seq).toBe(8);

    const copy = await Journal.open(folder);
    const second = copying(url, { events: copy });
    await soon(() => second.replicator.state()).toMatchObject({ alarmed: true, last_error: { code: 'ledger_behind' } });
    await copy.append(9, switchedOff);
    await soon(() => second.replicator.state().last_error?.code).toBe('hash_differs');
    expect(await copyOf(url, later)).toEqual({ rows: 8, wrong: [] });
    expect(first.replicator.state()).toMatchObject({ connected: true, alarmed: false });
  });

  it('at once are an alarm for the one that comes second', async () => {
    const url = await server.newDatabase();
    const journal = await withEvents(3);
    await journal.ledger.close();
    const folder = tempFolder();
    cpSync(journal.folder, folder, { recursive: true });
    const [one, two] = [await Journal.open(journal.folder), await Journal.open(folder)];
    const writers = [copying(url, { events: one }), copying(url, { events: two })];
    for (const { replicator } of writers) await soon(() => replicator.state().lag_rows).toBe(0);
    await one.append(2);
    writers[0]?.replicator.wake();
    await soon(() => writers[0]?.replicator.state().last_seq).toBe(5);
    await two.append(4, switchedOff);
    writers[1]?.replicator.wake();
    await soon(() => writers[1]?.replicator.state().last_error?.code).toBe('hash_differs');
    expect(await copyOf(url, one)).toEqual({ rows: 5, wrong: [] });
  });

  it('a batch of an older connection that comes too late is not taken', async () => {
    const url = await server.newDatabase();
    const journal = await withEvents(3);
    const { replicator } = copying(url, { events: journal });
    await soon(() => replicator.state().last_seq).toBe(3);
    await replicator.stop();
    await journal.append(2);
    const rows = await journal.read(0, 5);
    const late = await Session.open(plainTarget(url), TIMING, new AbortController().signal);
    const to = { origin: journal.origin, hub: 'home' };
    const batch = writeEvents(late, to, 0, rows);
    await expect(batch).rejects.toMatchObject({ code: 'cursor_moved', isSlow: false });
    expect((await copyOf(url, journal)).rows).toBe(3);
    late.close();
  });

  it('rows that are there already and differ are never passed over', async () => {
    const url = await server.newDatabase();
    const journal = await withEvents(3);
    const first = copying(url, { events: journal });
    await soon(() => first.replicator.state().lag_rows).toBe(0);
    await first.replicator.stop();
    // Somebody turned the cursor back, and changed a row beyond it.
    await ask(url, `update voltsafe.origin_cursor set last_seq = 1, last_hash = null`);
    const again = copying(url, { events: journal });
    await soon(() => again.replicator.state().last_seq).toBe(3);
    expect(await copyOf(url, journal)).toEqual({ rows: 3, wrong: [] });
    await again.replicator.stop();
    await ask(
      url,
      `update voltsafe.origin_cursor set last_seq = 1; update voltsafe.event set hash = '\\x00' where seq = 2`,
    );
    const third = copying(url, { events: journal });
    await soon(() => third.replicator.state().last_error?.code).toBe('hash_differs');
  });
});
