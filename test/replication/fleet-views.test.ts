import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { showResources } from '../../daemon/core/locks/describe.ts';
import { house, transcript } from '../core/lock-play.ts';
import { ask, Postgres } from '../postgres/server.ts';
import { Dice } from '../sim/dice.ts';
import { MINUTE_MS } from './fixtures.ts';
import { DAY_MS, dayIn, draw, FleetHub, midnight, WITHIN } from './fleet.ts';

let server: Postgres;
beforeAll(async () => {
  server = await Postgres.start();
});
afterAll(() => server.stop());

const ROME = 'Europe/Rome';

/** Copied to the end, and stopped. */
async function copied(url: string, hub: FleetHub): Promise<void> {
  const { replicator } = hub.copiedTo(url);
  const told = () =>
    ask(url, 'select standing_seq::int as seq from voltsafe.origin_cursor where origin = $1', [hub.origin]);
  await expect.poll(() => told().catch(() => []), WITHIN).toEqual([{ seq: hub.lastSeq() }]);
  await expect.poll(() => replicator.state().lag_rows, WITHIN).toBe(0);
  await replicator.stop();
}

function acting(hub: FleetHub, dice: Dice, events: number): FleetHub {
  for (let i = 0; i < events; i += 1) hub.act(dice);
  return hub;
}

function refusedIn({ events }: FleetHub, afterSeq = 0): number {
  return events.filter(({ kind, seq }) => kind === 'refused' && seq > afterSeq).length;
}

async function refusals(url: string): Promise<unknown> {
  return (await ask(url, 'select coalesce(sum(refusals), 0)::int as n from voltsafe.refusals'))[0]?.n;
}

describe('a ledger that was restored from a backup', () => {
  it('counts no event twice, and stands for its hub from then on', async () => {
    const url = await server.newDatabase();
    const dice = new Dice(1);
    const before = acting(new FleetHub('home', ROME), dice, 60);
    before.locks = [{ resource: 'oven', holder: 'ann', fencing_token: 3 }];
    await copied(url, before);
    const after = acting(new FleetHub('home', ROME, { backup: before, upTo: 40 }), dice, 20);
    after.locks = [{ resource: 'lamp', holder: 'ben', fencing_token: 9 }];
    await copied(url, after);
    expect(refusedIn(before, 40) * refusedIn(after, 40)).toBeGreaterThan(0);
    expect(await refusals(url)).toBe(refusedIn(before) + refusedIn(after, 40));
    const marked = await ask(
      url,
      `select count(*) filter (where is_copy)::int as copies, count(*)::int as events from voltsafe.events_readable`,
    );
    expect(marked).toEqual([{ copies: 40, events: 120 }]);
    const loads = await ask(url, 'select hub, reserved_w from voltsafe.hub_load');
    expect(loads).toEqual([{ hub: 'home', reserved_w: (after.events.at(-1)?.reservedMw ?? 0) / 1000 }]);
    expect(await ask(url, 'select holder from voltsafe.locks_held')).toEqual([{ holder: 'ben' }]);
    const health = await ask(
      url,
      `select is_current, last_seq::int, restored_from, restored_seq::int, is_twice from voltsafe.replication_health
        where kind = 'ledger' order by first_seen`,
    );
    expect(health).toEqual([
      { is_current: false, last_seq: 60, restored_from: null, restored_seq: null, is_twice: false },
      { is_current: true, last_seq: 60, restored_from: before.origin, restored_seq: 40, is_twice: false },
    ]);
  });

  it('stands for what the ledger before it had not copied yet', async () => {
    const url = await server.newDatabase();
    const dice = new Dice(2);
    const before = acting(new FleetHub('home', ROME), dice, 20);
    await copied(url, before);
    acting(before, dice, 30);
    const after = acting(new FleetHub('home', ROME, { backup: before, upTo: 45 }), dice, 5);
    await copied(url, after);
    expect(refusedIn(before, 20)).toBeGreaterThan(0);
    expect(await refusals(url)).toBe(refusedIn(after));
  });
});

describe('energy per day', () => {
  const shown = `select source, round(energy_wh * 1000)::int as mwh, covered_s::int, origins::int from voltsafe.energy_per_day`;

  it('takes a minute that two files tell of once, and what one of them alone knows, too', async () => {
    const url = await server.newDatabase();
    const [before, after] = [new FleetHub('home', ROME), new FleetHub('home', ROME)];
    const startMs = midnight(midnight(Date.now(), ROME) - MINUTE_MS, ROME);
    const put = ({ power }: FleetHub, from: number, to: number, mwh: number) => {
      for (let i = from; i < to; i += 1) power.put(draw('house', startMs + i * MINUTE_MS, mwh));
    };
    put(before, 0, 31, 10);
    put(after, 0, 10, 10);
    put(after, 40, 60, 7);
    for (const [hub, minutes, mwh] of [
      [before, 31, 310],
      [after, 30, 240],
    ] as const) {
      hub.power.put({ ...draw('house', startMs, mwh), resolution: 'day', coveredMs: minutes * MINUTE_MS });
      await copied(url, acting(hub, new Dice(3), 1));
    }
    expect(await ask(url, shown)).toEqual([{ source: 'house', mwh: 310 + 140, covered_s: 51 * 60, origins: 2 }]);
    // Minutes are kept for a while only.
    await ask(url, 'delete from voltsafe.power_readings');
    expect(await ask(url, shown)).toEqual([{ source: 'house', mwh: 310, covered_s: 31 * 60, origins: 2 }]);
  });

  it('names days as their hub does, whatever its zone, through the changes of the clock', async () => {
    const url = await server.newDatabase();
    const zones = [ROME, 'America/New_York', 'Pacific/Kiritimati', 'Pacific/Honolulu', 'Australia/Lord_Howe'];
    const due: string[] = [];
    for (const zone of zones) {
      const hub = acting(new FleetHub(zone.toLowerCase().replace(/\W/g, '-'), zone), new Dice(4), 1);
      for (const [from, to] of [
        ['2026-03-05', '2026-04-07'],
        ['2026-10-01', '2026-11-04'],
      ] as const) {
        let startMs = midnight(Date.parse(`${to}T12:00Z`), zone);
        for (; startMs > Date.parse(from); startMs = midnight(startMs - 1, zone)) {
          hub.power.put({ ...draw('house', startMs, 1), resolution: 'day' });
          due.push(`${hub.id} ${dayIn(startMs, zone)}`);
        }
      }
      await copied(url, hub);
    }
    const told = await ask(url, `select concat(hub, ' ', day) as line from voltsafe.energy_per_day`);
    expect(told.map(({ line }) => line).sort()).toEqual(due.sort());
  });
});

describe('locks held', () => {
  it('are the leases of the core, each a row or by their resource, and nothing that is only waited for', async () => {
    const url = await server.newDatabase();
    const home = house();
    transcript(
      home,
      'ann acquire x y shared ttl=60000\nben acquire x shared\ntok acquire y wait=w1:5000\nben acquire z\nben release z 1',
    );
    const resources = showResources({ state: home.state, now: home.now });
    const held = resources.flatMap(({ holders }) => holders);
    for (const [id, locks] of Object.entries({ whole: resources, each: held })) {
      const hub = new FleetHub(id, ROME);
      for (const event of home.history) hub.append(event);
      await copied(url, Object.assign(hub, { locks }));
      const told = await ask(
        url,
        `select resource, mode, state, holder, principal, token::int as fencing_token, since as acquired_at,
          (extract(epoch from expires - e.at) * 1000)::int as expires_in_ms
          from voltsafe.locks_held h join voltsafe.event e on e.hub = h.hub and e.seq = $2 where h.hub = $1
          order by resource, token`,
        [id, hub.lastSeq()],
      );
      expect(told).toHaveLength(3);
      expect(told).toEqual(
        held.map(({ ttl_ms: _, metadata: __, ...lease }) => ({ ...lease, acquired_at: new Date(lease.acquired_at) })),
      );
    }
  });
});

describe('what a hub tells wrongly', () => {
  it('breaks no view of the others', async () => {
    const url = await server.newDatabase();
    const hub = acting(new FleetHub('odd', 'Mars/Olympus_Mons'), new Dice(5), 3);
    hub.power.put({ ...draw('house', midnight(Date.now(), 'UTC'), 5), resolution: 'day' });
    await copied(url, hub);
    await ask(
      url,
      `insert into voltsafe.event (origin, seq, hub, wall_ms, up_ms, boot_id, kind, who, appliance, body, hash)
        select $1, 100 + row_number() over (), 'odd', 8.6e15, 0, 'b', kind, who, 'oven', body::json, '\\x00'
        from unnest($2::text[]) kind, unnest($3::json[]) who, unnest($4::text[]) body`,
      [hub.origin, KINDS, ['5', '"x"', '{"name":5}'], BODIES],
    );
    await ask(
      url,
      `update voltsafe.origin_cursor set last_seq = (select max(seq) from voltsafe.event) where origin = $1`,
      [hub.origin],
    );
    for (const view of VIEWS) await ask(url, `select v::text from voltsafe.${view} v`);
    await ask(url, `select c::text from voltsafe.event e, voltsafe.decision_chain(e.origin, e.seq) c`);
    expect(await ask(url, 'select timezone from voltsafe.hub')).toEqual([{ timezone: null }]);
    expect(await ask(url, 'select day from voltsafe.energy_per_day')).toHaveLength(1);
    await expect(ask(url, `update voltsafe.hub set timezone = 'Mars/Olympus_Mons'`)).rejects.toThrow(/timezone/);
  });
});

const VIEWS = [
  'hub_load',
  'energy_per_day',
  'refusals',
  'locks_held',
  'hubs_silent',
  'hubs_twice',
  'replication_health',
  'events_readable',
  'decision_chain',
  'ledger_start',
];
const KINDS = `{${[
  'ordered',
  'refused',
  'unchanged',
  'confirmed',
  'withdrawn',
  'observed',
  'lock_queued',
  'lock_acquired',
  'lock_forced',
  'token_created',
  'peak_measured',
  'appliance_added',
].join(',')}}`;
const ODD = '{"a":5,"limitMw":"many","reservedMw":1e400,"generation":-1.5,"joins":"x","isOn":"perhaps","figures":[1]}';
const BODIES = [
  '5',
  '"x"',
  '[]',
  'null',
  ODD,
  '{"grants":{"a":1},"tokens":7,"waiter":[],"refusal":"no","settings":[]}',
];

/** A day is as long as its zone says: what the tests above stand on. */
it('midnights of the tests are those of the calendar', () => {
  const noon = Date.parse('2026-10-25T12:00Z');
  expect((midnight(noon + DAY_MS, ROME) - midnight(noon, ROME)) / 3_600_000).toBe(25);
  expect(new Date(midnight(noon, 'Asia/Kolkata')).toISOString()).toBe('2026-10-24T18:30:00.000Z');
});
