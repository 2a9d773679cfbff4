import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../../daemon/replication/migrate.ts';
import { ask, Postgres } from '../postgres/server.ts';
import { Dice } from '../sim/dice.ts';

import { differences, FleetHub, WITHIN } from './fleet.ts';

let server: Postgres;
beforeAll(async () => {
  server = await Postgres.start();
});
afterAll(() => server.stop());

/** Migrated by its owner, with what an operator runs once. */
async function prepared(...files: readonly string[]): Promise<string> {
  const url = await server.newDatabase();
  await written(url, hubOf('first'));
  for (const file of files) await ask(url, await textOf(file));
  return url;
}

function hubOf(id: string): FleetHub {
  const hub = new FleetHub(id, 'Europe/Rome');
  const dice = new Dice(id.length);
  for (let event = 0; event < 5; event += 1) hub.act(dice);
  hub.minute(dice, Date.now());
  hub.locks = [{ resource: 'oven', holder: 'ann', fencing_token: 1 }];
  return hub;
}

async function written(url: string, hub: FleetHub): Promise<void> {
  const { replicator } = hub.copiedTo(url);
  const told = () => ask(server.urlOf(new URL(url).pathname.slice(1)), STANDING, [hub.origin]);
  await expect.poll(() => told().catch(() => []), WITHIN).toEqual([{ seq: hub.lastSeq() }]);
  await expect.poll(() => replicator.state().lag_rows, WITHIN).toBe(0);
  await replicator.stop();
}

const STANDING = 'select standing_seq::int as seq from voltsafe.origin_cursor where origin = $1';

/** A login of its own, as an operator makes one. */
async function login(url: string, name: string, role: string): Promise<string> {
  await ask(url, `create role ${name} login password 'p' in role ${role}`);
  return server.urlOf(new URL(url).pathname.slice(1), { user: name, password: 'p' });
}

function denied(url: string, sql: string, params: readonly unknown[] = []): Promise<void> {
  return expect(ask(url, sql, params)).rejects.toThrow(
    /permission denied|row-level security|is not that of this login/,
  );
}

describe('people of the operator', () => {
  it('read views and no table; who did what is for auditors', async () => {
    const url = await prepared('role-reader.sql', 'role-reader.sql');
    const reader = await login(url, 'dashboard', 'voltsafe_reader');
    const auditor = await login(url, 'lawyer', 'voltsafe_auditor');
    const fleet = [
      'hub_load',
      'energy_per_day',
      'refusals',
      'locks_held',
      'hubs_silent',
      'hubs_twice',
      'replication_health',
    ];
    for (const person of [reader, auditor])
      for (const view of fleet) await ask(person, `select * from voltsafe.${view}`);
    await ask(reader, `select * from voltsafe.hubs_silent('1 minute')`);
    for (const view of ['events_readable', 'decision_chain']) {
      expect(await ask(auditor, `select * from voltsafe.${view}`)).not.toEqual([]);
      await denied(reader, `select * from voltsafe.${view}`);
    }
    const [{ origin } = {}] = await ask(auditor, 'select origin from voltsafe.events_readable');
    for (const proof of ['decision_chain($1, 1)', 'verify_chain($1)']) {
      expect(await ask(auditor, `select is_sound from voltsafe.${proof}`, [origin])).toEqual([{ is_sound: true }]);
      await denied(reader, `select * from voltsafe.${proof}`, [origin]);
    }
    for (const person of [reader, auditor]) {
      for (const table of ['event', 'hub', 'appliance', 'lock', 'power_readings', 'origin'])
        await denied(person, `select * from voltsafe.${table}`);
      await denied(person, `select * from voltsafe.forget_hub('first', true)`);
      await denied(person, `update voltsafe.hub_silence set name = 'x'`);
    }
  });
});

describe('hubs with a login each', () => {
  const event = (origin: string, hub: string) =>
    `insert into voltsafe.event (origin, seq, hub, wall_ms, up_ms, boot_id, kind, body, hash)
      values ('${origin}', 99, '${hub}', 0, 0, 'b', 'ordered', '{}', '\\x00')`;
  const minute = (hub: string) =>
    `insert into voltsafe.power_readings values ('${hub}', gen_random_uuid(), 'house', now(), 1, 1, 1, 1, null, 1, 60, false,
      null, null, true, 1)`;

  it('write their own rows, and nobody else sees or touches them', async () => {
    const url = await prepared('role-hub.sql', 'row-security.sql', 'row-security.sql');
    const [anna, ben] = [hubOf('anna'), hubOf('ben')];
    const asAnna = await login(url, 'hub_anna', 'voltsafe_hub');
    const asBen = await login(url, 'hub_ben', 'voltsafe_hub');
    await written(asAnna, anna);
    await written(asBen, ben);
    for (const hub of [anna, ben]) expect(await differences(url, hub)).toEqual([]);
    for (const table of ['hub', 'origin', 'origin_cursor', 'event', 'appliance', 'lock', 'power_readings']) {
      expect(await ask(asAnna, `select distinct hub from voltsafe.${table}`), table).toEqual([{ hub: 'anna' }]);
    }
    await ask(asAnna, event(anna.origin, 'anna'));
    await denied(asAnna, event(anna.origin, 'ben'));
    // In the way of what Ben will write.
    await denied(asAnna, event(ben.origin, 'anna'));
    await denied(asAnna, minute('ben'));
    await denied(
      asAnna,
      `insert into voltsafe.hub (hub, name, version, origin) values ('x', 'x', '1', gen_random_uuid())`,
    );
    await denied(asAnna, `update voltsafe.hub set hub = 'ben2'`);
    expect(await ask(asAnna, `update voltsafe.hub set name = 'x' where hub = 'ben' returning 1`)).toEqual([]);
    expect(await ask(asAnna, `delete from voltsafe.lock where hub = 'ben' returning 1`)).toEqual([]);
    // A hub that calls itself something else is told.
    const wrong = hubOf('ben').copiedTo(asAnna);
    await expect.poll(() => wrong.troubles.map(({ code }) => code), WITHIN).toContain('postgres_denied');
    expect(await differences(url, ben)).toEqual([]);
  });

  it('share one where that is wanted', async () => {
    const url = await prepared('role-hub.sql', 'row-security.sql');
    const shared = await login(url, 'all_hubs', 'voltsafe_hub_any');
    const hubs = [hubOf('anna'), hubOf('ben')];
    for (const hub of hubs) await written(shared, hub);
    for (const hub of hubs) expect(await differences(url, hub)).toEqual([]);
    const nobody = await login(url, 'forgotten', 'voltsafe_hub');
    expect(await ask(nobody, 'select * from voltsafe.event')).toEqual([]);
  });

  it('are kept apart by a trigger where minutes are in a hypertable', async () => {
    const url = await prepared('role-hub.sql');
    await ask(url, `update voltsafe.schema_version set variant = 'timescale' where version = 2`);
    await ask(url, await textOf('row-security.sql'));
    const asCleo = await login(url, 'hub_cleo', 'voltsafe_hub');
    await written(asCleo, hubOf('cleo'));
    await ask(asCleo, minute('cleo'));
    await denied(asCleo, minute('first'));
    // Who looks after the database is no hub.
    await ask(url, minute('first'));
  });
});

describe('a hub that has to be forgotten', () => {
  it('goes with all that is known of it, and the others stay', async () => {
    const url = await prepared();
    const gone = hubOf('gone');
    await written(url, gone);
    const left = async (hub: string) => {
      const tables = ['event', 'power_readings', 'appliance', 'lock', 'origin_cursor', 'origin', 'hub'];
      const counts = tables.map((table) => `(select count(*) from voltsafe.${table} where hub = '${hub}')`);
      return Number((await ask(url, `select ${counts.join(' + ')} as n`))[0]?.n);
    };
    const others = await left('first');
    await expect(ask(url, `select * from voltsafe.forget_hub('gone')`)).rejects.toThrow(/was heard/);
    expect(await left('gone')).toBeGreaterThan(0);
    const told = await ask(url, `select sum(rows)::int as rows from voltsafe.forget_hub('gone', true)`);
    expect(told).toEqual([{ rows: 5 + 3 + 1 + 1 + 2 + 2 + 1 }]);
    expect([await left('gone'), await left('first')]).toEqual([0, others]);
  });
});
