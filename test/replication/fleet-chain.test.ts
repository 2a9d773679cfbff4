import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { showDecision } from '../../daemon/core/audit.ts';
import type { Event } from '../../daemon/core/events.ts';
import { ANNA, BEN } from '../core/home.ts';
import { house, transcript } from '../core/lock-play.ts';
import { life, live } from '../core/random-life.ts';
import { WholeHub } from '../meters/whole-hub.ts';
import { ask, Postgres } from '../postgres/server.ts';
import { copying, copyOf, Journal } from './fixtures.ts';
import { FleetHub, WITHIN } from './fleet.ts';

let server: Postgres;
beforeAll(async () => {
  server = await Postgres.start();
});
afterAll(() => server.stop());

const YAML = 'buses: [{ id: main, driver: modbus-coils, path: /dev/line, channels: 8 }]';

/** The real hub over a simulated board: what two people ask of it, and what its relays do. */
async function anEvening(): Promise<readonly Event[]> {
  const boards = [{ channels: 8, flavour: 'waveshare' as const }];
  const hub = await new WholeHub(YAML, { baud: 9600, echo: false, boards }).start();
  await hub.add('oven', 2000.5, 1);
  await hub.add('boiler', 4000, 2);
  await hub.clock.advance(3000);
  const wants = (appliance: string, want: 'on' | 'off', who = ANNA) =>
    hub.view.ask({ kind: 'toggle', appliance, want, who });
  // Both at once: the second joins the first.
  await hub.clock.settled(Promise.all([wants('oven', 'on'), wants('oven', 'on', BEN)]));
  await hub.clock.settled(wants('boiler', 'on', BEN));
  await hub.toggle('oven', 'off');
  // The OFF takes the place of the ON, whose bytes are not answered yet.
  const on = wants('boiler', 'on');
  await hub.clock.advance(1);
  await hub.clock.settled(Promise.all([on, wants('boiler', 'off', BEN)]));
  await hub.clock.advance(5000);
  return hub.events;
}

interface Step {
  readonly seq: number;
  readonly what: string;
  readonly actor: string | null;
  readonly is_on: boolean | null;
  readonly reason: string | null;
  readonly hash: string;
  readonly previous_hash: string;
  readonly is_sound: boolean;
}

async function chainOf(url: string, origin: string, seq: number): Promise<Step[]> {
  const sql = `select seq::int, what, actor, is_on, reason, hash, previous_hash, is_sound
    from voltsafe.decision_chain($1, $2) order by step`;
  return (await ask(url, sql, [origin, seq])) as unknown as Step[];
}

/** As the file of the hub has them. */
function hashesIn(folder: string): Map<number, string> {
  const db = new Database(join(folder, 'ledger.db'), { readonly: true });
  try {
    const rows = db.prepare<[], { seq: number; hash: Buffer }>('SELECT seq, hash FROM event').all();
    return new Map([[0, '00'.repeat(32)], ...rows.map(({ seq, hash }) => [seq, hash.toString('hex')] as const)]);
  } finally {
    db.close();
  }
}

describe('one decision, followed by SQL', () => {
  it('leads from the request to the confirmation of the relay, with the hashes of the ledger', async () => {
    const url = await server.newDatabase();
    const events = await anEvening();
    const journal = await Journal.open();
    await journal.ledger.append(events);
    const { origin } = journal;
    const { replicator } = copying(url, {
      events: { origin, lastSeq: () => events.length, read: (after, limit) => journal.read(after, limit) },
    });
    await expect.poll(() => replicator.state().last_seq, WITHIN).toBe(events.length);
    expect(await copyOf(url, journal)).toEqual({ rows: events.length, wrong: [] });
    await replicator.stop();
    await journal.ledger.close();

    const on = events.find((event) => event.kind === 'ordered' && event.appliance === 'oven' && event.isOn);
    const chain = await chainOf(url, origin, on?.seq ?? 0);
    expect(chain.map(({ what, actor, is_on, reason }) => [what, actor, is_on, reason])).toEqual([
      ['ordered', 'Anna', true, 'request'],
      ['joined', 'Ben', true, 'the same order is under way'],
      ['confirmed', null, true, 'the board acknowledged'],
    ]);
    const inSqlite = hashesIn(journal.folder);
    for (const { seq, hash, previous_hash, is_sound } of chain) {
      expect([hash, previous_hash, is_sound]).toEqual([inSqlite.get(seq), inSqlite.get(seq - 1), true]);
    }
    // Whichever of its events is named.
    for (const { seq } of chain) expect(await chainOf(url, origin, seq)).toEqual(chain);

    const refused = events.find(({ kind }) => kind === 'refused');
    expect(await chainOf(url, origin, refused?.seq ?? 0)).toMatchObject([
      { what: 'refused', actor: 'Ben', is_on: true },
    ]);

    const boiler = events.filter((event) => event.kind === 'ordered' && event.appliance === 'boiler' && event.isOn);
    const taken = await chainOf(url, origin, boiler.at(-1)?.seq ?? 0);
    expect(taken.map(({ what, actor, is_on }) => [what, actor, is_on])).toEqual([
      ['ordered', 'Anna', true],
      ['superseded', 'Ben', false],
      ['confirmed', null, false],
    ]);
    for (const { seq, hash } of taken) expect(hash).toBe(inSqlite.get(seq));
  });
});

describe('the chain in Postgres', () => {
  it('is proved there, and a change in any column is found', async () => {
    const url = await server.newDatabase();
    const hub = await copied(url, await anEvening());
    const last = hub.rows.length;
    const verify = async (range = '') =>
      (
        await ask(
          url,
          `select events::int, is_sound, broken_seq::int, what from voltsafe.verify_chain('${hub.origin}'${range})`,
        )
      )[0];
    expect(await verify()).toEqual({ events: last, is_sound: true, broken_seq: null, what: null });
    expect(await verify(', 3, 5')).toMatchObject({ events: 3, is_sound: true });
    expect(await verify(`, 3, ${last + 1}`)).toMatchObject({ events: last - 2, is_sound: false });
    const changes = [
      `body = replace(body::text, '2000500', '2000501')::json`,
      `who = '{"principal":"eve"}'`,
      'wall_ms = wall_ms + 0.25',
      'up_ms = up_ms + 0.001',
      `appliance = 'lamp'`,
      `boot_id = 'other'`,
      `hash = sha256(hash)`,
    ];
    const added = hub.events.find(({ kind }) => kind === 'appliance_added')?.seq ?? 0;
    for (const change of changes) {
      await ask(url, `create table kept as select * from voltsafe.event where seq = ${added}`);
      await ask(url, `update voltsafe.event set ${change} where seq = ${added}`);
      expect(await verify(), change).toMatchObject({ is_sound: false, broken_seq: added, what: 'hash' });
      expect(await verify(`, 1, ${added - 1}`), change).toMatchObject({ is_sound: true });
      expect((await chainOf(url, hub.origin, added))[0]?.is_sound, change).toBe(false);
      await ask(
        url,
        `delete from voltsafe.event where seq = ${added};
        insert into voltsafe.event (origin, seq, hub, wall_ms, up_ms, boot_id, kind, who, appliance, body, hash, verbatim)
          select origin, seq, hub, wall_ms, up_ms, boot_id, kind, who, appliance, body, hash, verbatim from kept;
        drop table kept`,
      );
    }
    expect(await verify()).toMatchObject({ is_sound: true });
    await ask(url, `delete from voltsafe.event where seq = ${added}`);
    expect(await verify()).toMatchObject({ is_sound: false, broken_seq: added + 1, what: 'gap' });
  });
});

async function copied(url: string, events: readonly Event[], id = 'home'): Promise<FleetHub> {
  const hub = new FleetHub(id, 'Europe/Rome');
  for (const event of events) hub.append(event);
  const { replicator } = hub.copiedTo(url);
  await expect.poll(() => replicator.state().last_seq, WITHIN).toBe(events.length);
  await replicator.stop();
  return hub;
}

const LOCKS = `
  ann acquire x y shared ttl=2000
  ben acquire x wait=w1:5000
  ann renew x 1
  ann downgrade x 1
  ann release y 1 done
  cancel w1
  ben on lamp
  lamp obeys
  ann acquire circuit:kitchen lockout wait=l:5000
  ben on lamp
  lamp obeys
  ann force circuit:kitchen
  ben acquire z delay=500
  pass 90000000
  ann release circuit:kitchen 1 enough
  revoke
  pass 90000000
  lamp reads on
  lamp fails unknown
  lamp retires
  restart`;

describe('the audit trail in Postgres', () => {
  it('says of every event what the hub says', { timeout: 60_000 }, async () => {
    const url = await server.newDatabase();
    const lives = fc.sample(life, { numRuns: 30, seed: 6 }).map((acts) => live(acts).history);
    const locks = house();
    transcript(locks, LOCKS);
    const all = [...lives, locks.history, await anEvening()].flat();
    // The events of many houses, numbered as one.
    const hub = await copied(
      url,
      all.map((event, i) => ({ ...event, seq: i + 1 })),
    );
    const told = await ask(
      url,
      `select seq::int, at, kind, source, actor, appliance, outcome, is_on, code, reason, circuit, requested_w, exceeded_by_w,
        reserved_w, limit_w from voltsafe.events_readable order by seq`,
    );
    const due = hub.events.map(showDecision).map(({ fencing_tokens: _, ...line }) => line);
    for (const [i, line] of due.entries()) {
      const { at, ...rest } = told[i] ?? {};
      expect({ ...rest, at: at instanceof Date ? at.toISOString() : at }).toEqual(line);
    }
    expect(told).toHaveLength(due.length);
    const kinds = new Set(all.map(({ kind }) => kind));
    for (const kind of SEEN) expect(kinds, kind).toContain(kind);
  });
});

/** A trail without these would prove little. */
const SEEN = [
  'ordered',
  'refused',
  'unchanged',
  'confirmed',
  'failed',
  'withdrawn',
  'observed',
  'retired',
  'peak_measured',
  'background_measured',
  'lock_queued',
  'lock_wait_ended',
  'lock_acquired',
  'lock_renewed',
  'lock_released',
  'lock_forced',
];
