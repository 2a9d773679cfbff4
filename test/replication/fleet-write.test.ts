import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, Postgres } from '../postgres/server.ts';
import { Dice } from '../sim/dice.ts';
import type { Copying } from './fixtures.ts';
import { DAY_MS, dayIn, differences, FleetHub } from './fleet.ts';

/** VOLTSAFE_FLEET=1: more of everything, and hubs that start again at random. */
const IS_LONG = process.env.VOLTSAFE_FLEET === '1';
const HUBS = 50;
const ROUNDS = IS_LONG ? 60 : 3;
const ZONES = ['Europe/Rome', 'America/New_York', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Pacific/Honolulu', 'Etc/UTC'];
const WITHIN = { timeout: IS_LONG ? 600_000 : 60_000, interval: 100 };

let server: Postgres;
beforeAll(async () => {
  server = await Postgres.start();
});
afterAll(() => server.stop());

function fleet(dice: Dice): FleetHub[] {
  return Array.from({ length: HUBS }, (_, i) => {
    const hub = new FleetHub(`hub-${i}`, ZONES[i % ZONES.length] ?? 'Etc/UTC');
    acts(hub, dice, dice.int(1, IS_LONG ? 3_000 : 80));
    hub.days(dice, 3);
    hub.locks = dice.chance(0.5) ? [{ resource: 'oven', holder: `ann of ${i}`, fencing_token: i + 1 }] : [];
    return hub;
  });
}

function acts(hub: FleetHub, dice: Dice, times: number): void {
  for (let i = 0; i < times; i += 1) hub.act(dice);
}

/** Everybody lives on while everybody writes. */
async function live(url: string, hubs: readonly FleetHub[], dice: Dice): Promise<Copying[]> {
  const copies = hubs.map((hub) => hub.copiedTo(url));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [i, hub] of hubs.entries()) {
      acts(hub, dice, dice.int(0, 20));
      hub.minute(dice, Date.now() - (ROUNDS - round) * 60_000);
      if (IS_LONG && dice.chance(0.1)) {
        await copies[i]?.replicator.stop();
        copies[i] = hub.copiedTo(url);
      }
      copies[i]?.replicator.wake();
    }
    const [first] = hubs;
    await expect.poll(() => copies[0]?.replicator.state().last_seq, WITHIN).toBe(first?.lastSeq());
  }
  return copies;
}

function drained(copies: readonly Copying[]): boolean {
  return copies.every(({ replicator }) => {
    const { connected, lag_rows } = replicator.state();
    return connected && lag_rows === 0;
  });
}

/** What the views should say, out of what the hubs know. */
function refusalsOf(hubs: readonly FleetHub[]): string[] {
  const counts = new Map<string, number>();
  for (const { id, timezone, events } of hubs) {
    for (const event of events) {
      if (event.kind !== 'refused') continue;
      const line = `${id} ${dayIn(event.wallMs, timezone)} ${event.refusal.code}`;
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
  }
  return [...counts].map(([line, count]) => `${line} ${count}`).sort();
}

function energyOf(hubs: readonly FleetHub[]): string[] {
  return hubs
    .flatMap(({ id, timezone, power }) =>
      power.all
        .filter(({ resolution }) => resolution === 'day')
        .map(({ source, startMs, energyMwh }) => `${id} ${dayIn(startMs, timezone)} ${source} ${energyMwh}`),
    )
    .sort();
}

function loadsOf(hubs: readonly FleetHub[]): string[] {
  return hubs
    .map(({ id, events, power }) => {
      const last = events.at(-1);
      const minutes = power.all.filter(({ resolution, source }) => resolution === 'minute' && source === 'house');
      const newest = minutes.reduce((a, b) => (b.startMs > a.startMs ? b : a));
      return `${id} ${last?.reservedMw} ${newest.avgMw} ${(last?.limitMw ?? 0) - (last?.reservedMw ?? 0)}`;
    })
    .sort();
}

async function lines(url: string, sql: string): Promise<string[]> {
  return (await ask(url, sql)).map(({ line }) => String(line)).sort();
}

const SHOWN = {
  refusals: `select concat_ws(' ', hub, day, code, refusals) as line from voltsafe.refusals`,
  energy: `select concat_ws(' ', hub, day, source, round(energy_wh * 1000)) as line from voltsafe.energy_per_day`,
  loads: `select concat_ws(' ', hub, round(reserved_w * 1000), round(measured_w * 1000), round(headroom_w * 1000)) as line
    from voltsafe.hub_load where age < interval '5 minutes' and not is_twice`,
  locks: `select concat_ws(' ', hub, resource, mode, holder, token, expires > now() - interval '3 days') as line
    from voltsafe.locks_held`,
};

describe('fifty hubs that write at once', () => {
  it('get one schema, keep to their rows, and are shown as they are', { timeout: 900_000 }, async () => {
    const url = await server.newDatabase();
    const dice = new Dice(6);
    const hubs = fleet(dice);
    const copies = await live(url, hubs, dice);
    await expect.poll(() => drained(copies), WITHIN).toBe(true);
    expect(copies.flatMap(({ troubles }) => troubles)).toEqual([]);
    const versions = await ask(url, 'select version from voltsafe.schema_version order by 1');
    expect(versions.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
    for (const hub of hubs) expect(await differences(url, hub), hub.id).toEqual([]);
    const sound = await ask(
      url,
      `select count(*)::int as ledgers, sum(v.events)::int as events from voltsafe.origin o,
        voltsafe.verify_chain(o.origin) v where o.kind = 'ledger' and v.is_sound`,
    );
    expect(sound).toEqual([{ ledgers: HUBS, events: hubs.reduce((sum, { events }) => sum + events.length, 0) }]);
    expect(await ask(url, `select deadlocks::int from pg_stat_database where datname = current_database()`)).toEqual([
      { deadlocks: 0 },
    ]);
    expect(await lines(url, SHOWN.refusals)).toEqual(refusalsOf(hubs));
    expect(await lines(url, SHOWN.energy)).toEqual(energyOf(hubs));
    expect(await lines(url, SHOWN.loads)).toEqual(loadsOf(hubs));
    const held = hubs.flatMap(({ id, locks }, i) => locks.map(() => `${id} oven exclusive ann of ${i} ${i + 1} t`));
    await expect.poll(() => lines(url, SHOWN.locks), WITHIN).toEqual(held.sort());
    expect(await ask(url, `select * from voltsafe.hubs_twice`)).toEqual([]);
    expect(await lines(url, `select hub as line from voltsafe.hubs_silent('5 minutes')`)).toEqual([]);
    await ask(url, `update voltsafe.hub set last_seen = now() - interval '1 hour' where hub = 'hub-7'`);
    expect(await lines(url, `select hub as line from voltsafe.hubs_silent`)).toEqual(['hub-7']);
  });
});

describe('two hubs under one name', () => {
  it('are told so on both sides, and their rows are not mixed', { timeout: 60_000 }, async () => {
    const url = await server.newDatabase();
    const dice = new Dice(7);
    const hubs = [new FleetHub('home', 'Europe/Rome'), new FleetHub('home', 'Europe/Rome')];
    const copies: Copying[] = [];
    for (const hub of hubs) {
      acts(hub, dice, 30);
      hub.minute(dice, Date.now() - DAY_MS / 24);
      const copy = hub.copiedTo(url, { heartbeatMs: 20, pollMs: 10 });
      copies.push(copy);
      await expect.poll(() => copy.replicator.state().last_seq, WITHIN).toBe(30);
    }
    const told = () => copies.map(({ troubles }) => troubles.some(({ code }) => code === 'hub_twice'));
    await expect.poll(told, WITHIN).toEqual([true, true]);
    for (const [i, hub] of hubs.entries()) {
      hub.act(dice);
      copies[i]?.replicator.wake();
    }
    await expect.poll(() => copies.map(({ replicator }) => replicator.state().last_seq), WITHIN).toEqual([31, 31]);
    for (const hub of hubs) expect(await differences(url, hub)).toEqual([]);
    const twice = await ask(url, 'select distinct kind, hub from voltsafe.hubs_twice where is_now order by 1');
    expect(twice).toEqual([
      { kind: 'ledger', hub: 'home' },
      { kind: 'power', hub: 'home' },
    ]);
    expect(await ask(url, 'select is_twice from voltsafe.hub_load')).toEqual([{ is_twice: true }]);
    // It ends with one of them.
    await copies[1]?.replicator.stop();
    const [first] = copies;
    const seen = first?.troubles.length;
    await expect.poll(() => first?.replicator.state().last_error, WITHIN).toBe(null);
    expect(first?.troubles.length).toBe(seen);
  });
});
