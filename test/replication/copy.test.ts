import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Event } from '../../daemon/core/events.ts';
import { granted, ordered } from '../ledger/events.ts';
import { ask, Postgres } from '../postgres/server.ts';
import { copying, copyOf, History, Journal, MINUTE_MS, NOON_MS, Notes, soon } from './fixtures.ts';

let server: Postgres;
beforeAll(async () => {
  server = await Postgres.start();
});
afterAll(() => server.stop());

const request = { isOn: true, key: 'k', hash: 'ab' };

const ODD: readonly ((seq: number) => Event)[] = [
  (seq) => ({ ...ordered(seq, true, 'request'), request: { ...request, key: 'a\0b' } }),
  (seq) => ({ ...ordered(seq, true, 'request'), request: { ...request, key: 'x\ud800y' } }),
  (seq) => ({ ...granted(seq), who: { principal: 'p\0', name: '\udfff', role: 'admin', source: 'http' } }),
  (seq) => ({ ...ordered(seq, true, 'request'), appliance: 'ov\0en' }),
  (seq) => ({ ...ordered(seq, true, 'request'), appliance: 'a\\u0000"\\' }),
  (seq) => ({ ...granted(seq), wallMs: -8.6e15, upMs: 0.000_01 }),
  (seq) => ({ ...granted(seq), extra: nested(1_500) }),
];

describe('events', () => {
  it('are in Postgres as they are in the ledger, and follow as they come', async () => {
    const url = await server.newDatabase();
    const journal = await Journal.open();
    await journal.append(2_500);
    const { replicator, troubles } = copying(url, { events: journal });
    await soon(() => replicator.state().lag_rows).toBe(0);
    expect(await copyOf(url, journal)).toEqual({ rows: 2_500, wrong: [] });
    await journal.append(7);
    replicator.wake();
    await soon(() => replicator.state().last_seq).toBe(2_507);
    expect(await copyOf(url, journal)).toEqual({ rows: 2_507, wrong: [] });
    expect(replicator.state()).toMatchObject({
      connected: true,
      lag_rows: 0,
      lag_s: 0,
      rows_sent: 2_507,
      last_error: null,
    });
    expect(troubles).toEqual([]);
  });

  it('go on where they were, after a stop', async () => {
    const url = await server.newDatabase();
    const journal = await Journal.open();
    await journal.append(10);
    const first = copying(url, { events: journal });
    await soon(() => first.replicator.state().lag_rows).toBe(0);
    await first.replicator.stop();
    await journal.append(5);
    const second = copying(url, { events: journal });
    await soon(() => second.replicator.state().last_seq).toBe(15);
    expect(second.replicator.state().rows_sent).toBe(5);
    expect(await copyOf(url, journal)).toEqual({ rows: 15, wrong: [] });
  });

  it('that Postgres cannot keep as they are stop nothing, can be asked for, and keep their hash', async () => {
    const url = await server.newDatabase();
    // More levels than its stack has, as far as a ledger takes them.
    await ask(url, `alter database ${new URL(url).pathname.slice(1)} set max_stack_depth = '100kB'`);
    const journal = await Journal.open();
    await journal.append(3);
    for (const make of ODD) await journal.append(1, make);
    await journal.append(3);
    const { replicator, troubles } = copying(url, { events: journal });
    await soon(() => replicator.state().last_seq).toBe(ODD.length + 6);
    expect(await copyOf(url, journal)).toEqual({ rows: ODD.length + 6, wrong: [] });
    const asked = await ask(
      url,
      `select body->>'request' as request, who->>'name' as name, verbatim from voltsafe.event`,
    );
    expect(asked).toHaveLength(ODD.length + 6);
    // The two that it takes as they are: escapes of letters, and a clock.
    expect(asked.filter(({ verbatim }) => verbatim !== null)).toHaveLength(ODD.length - 2);
    expect(troubles).toEqual([]);
  });

  it('that were changed in Postgres break its chain', async () => {
    const url = await server.newDatabase();
    const journal = await Journal.open();
    await journal.append(9);
    const { replicator } = copying(url, { events: journal });
    await soon(() => replicator.state().last_seq).toBe(9);
    await replicator.stop();
    await ask(url, `update voltsafe.event set appliance = 'kettle' where seq = 4`);
    await ask(url, 'delete from voltsafe.event where seq = 7');
    expect((await copyOf(url, journal)).wrong).toEqual(expect.arrayContaining(['4: hash', '8: gap']));
  });
});

describe('the power history', () => {
  it('goes as minutes and roll-ups; what is written again replaces what was there', async () => {
    const url = await server.newDatabase();
    const journal = await Journal.open();
    const power = new History();
    for (let i = 0; i < 2_100; i += 1)
      power.put({ source: 'house', startMs: NOON_MS + i * MINUTE_MS, backgroundMw: 1 });
    power.put({ source: 'house', resolution: 'hour', startMs: NOON_MS, voltageMv: null });
    power.put({ source: 'house', resolution: 'day', startMs: NOON_MS - 13 * 3_600_000 });
    power.put({ source: 'appliance:o"v\\en', startMs: 0, isClockSure: false });
    const { replicator, troubles } = copying(url, { events: journal, power });
    await soon(() => replicator.state()).toMatchObject({ connected: true, lag_rows: 0 });
    power.put({ source: 'house', startMs: NOON_MS, avgMw: 7, interactiveMw: 5 });
    power.put({ source: 'house', resolution: 'hour', startMs: NOON_MS, energyMwh: 9 });
    await soon(() => replicator.state().last_rev).toBe(power.lastRev());
    const [minutes] = await ask(
      url,
      'select count(*)::int as n, count(distinct at)::int as spans from voltsafe.power_readings',
    );
    expect(minutes).toEqual({ n: 2_101, spans: 2_101 });
    const [noon] = await ask(url, `select * from voltsafe.power_readings where at = '2026-11-21 12:00+00'`);
    expect(noon).toMatchObject({
      ...{ hub: 'home', origin: power.origin, source: 'house', avg_w: 0.007, min_w: 0, max_w: 2000, energy_wh: 25.004 },
      ...{
        voltage: 230.1,
        samples: 60,
        covered_s: 60,
        estimated: false,
        interactive_w: 0.005,
        background_w: null,
        clock_sure: true,
      },
    });
    const longer = await ask(
      url,
      'select resolution, energy_wh, voltage from voltsafe.power_rollup order by resolution',
    );
    expect(longer).toEqual([
      { resolution: 'day', energy_wh: 25.004, voltage: 230.1 },
      { resolution: 'hour', energy_wh: 0.009, voltage: 230.1 },
    ]);
    expect(troubles).toEqual([]);
  });

  it('of a file that was replaced stands beside the old one', async () => {
    const url = await server.newDatabase();
    const journal = await Journal.open();
    const [lost, fresh] = [new History(), new History()];
    for (let i = 0; i < 5; i += 1) lost.put({ source: 'house', startMs: NOON_MS + i * MINUTE_MS });
    const first = copying(url, { events: journal, power: lost });
    await soon(() => first.replicator.state().last_rev).toBe(5);
    await first.replicator.stop();
    fresh.put({ source: 'house', startMs: NOON_MS + 9 * MINUTE_MS });
    const second = copying(url, { events: journal, power: fresh });
    await soon(() => second.replicator.state().last_rev).toBe(1);
    expect(await ask(url, 'select count(*)::int as n from voltsafe.power_readings')).toEqual([{ n: 6 }]);
  });

  it('of a file that is replaced, or found, while the hub runs goes on under its own name', async () => {
    const url = await server.newDatabase();
    const journal = await Journal.open();
    const power = new History();
    const { replicator, troubles } = copying(url, { events: journal, power });
    for (const origin of [null, randomUUID(), randomUUID()]) {
      power.origin = origin;
      power.put({ source: 'house', startMs: NOON_MS });
      if (origin !== null) await soon(() => revsOf(url, origin)).toBe(power.lastRev());
    }
    await soon(() => replicator.state().lag_rows).toBe(0);
    expect(troubles).toEqual([]);
  });

  async function revsOf(url: string, origin: string): Promise<unknown> {
    const rows = await ask(url, 'select max(rev)::int as rev from voltsafe.power_readings where origin = $1', [
      origin,
    ]).catch(() => []);
    return rows[0]?.rev;
  }

  it('that lost its last rows in a power cut goes on with what it has', async () => {
    const url = await server.newDatabase();
    const journal = await Journal.open();
    const power = new History();
    for (let i = 0; i < 3; i += 1) power.put({ source: 'house', startMs: NOON_MS + i * MINUTE_MS });
    const cut = new History();
    Object.assign(cut, { origin: power.origin });
    const first = copying(url, { events: journal, power });
    await soon(() => first.replicator.state().last_rev).toBe(3);
    await first.replicator.stop();
    cut.put({ source: 'house', startMs: NOON_MS });
    const second = copying(url, { events: journal, power: cut });
    await soon(() => second.replicator.state()).toMatchObject({ connected: true, last_rev: 1 });
    cut.put({ source: 'house', startMs: NOON_MS + MINUTE_MS, avgMw: 42_000 });
    await soon(() => second.replicator.state().last_rev).toBe(2);
    const [minute] = await ask(url, `select avg_w from voltsafe.power_readings where at = '2026-11-21 12:01+00'`);
    expect(minute).toEqual({ avg_w: 42 });
  });
});

describe('what stands', () => {
  it('is shown once everything before it is there, and what is gone is gone', async () => {
    const url = await server.newDatabase();
    const journal = await Journal.open();
    await journal.append(3);
    let appliances: unknown[] = [
      {
        id: 'oven',
        name: 'Ov\0en',
        wattage: 2500.5,
        is_on: true,
        relay_state: 'on',
        circuit: 'kitchen',
        power_w: null,
      },
      { id: 'lamp', name: 'Lamp', wattage: 40, is_on: false },
    ];
    let locks: unknown[] = [
      {
        resource: 'oven',
        fencing_token: 7,
        holder: 'anna',
        mode: 'shared',
        state: 'held',
        acquired_at: '2026-11-21T12:00:00Z',
      },
      {
        resource: 'oven',
        fencing_token: 8,
        holder: 'ben',
        mode: 'shared',
        state: 'held',
        acquired_at: '2026-11-21T12:00:01Z',
      },
    ];
    const standing = () => ({ asOfSeq: journal.lastSeq(), appliances, locks });
    const { replicator } = copying(url, { events: journal, standing });
    const shown = () =>
      ask(
        url,
        'select appliance, name, wattage, is_on, as_of_seq::int as seq from voltsafe.appliance order by 1',
      ).catch(() => []);
    await soon(shown).toEqual([
      { appliance: 'lamp', name: 'Lamp', wattage: 40, is_on: false, seq: 3 },
      { appliance: 'oven', name: 'Ov\ufffden', wattage: 2500.5, is_on: true, seq: 3 },
    ]);
    appliances = [{ id: 'lamp', name: 'Lamp', wattage: 40, is_on: true }];
    locks = locks.slice(1);
    await journal.append(1);
    replicator.wake();
    await soon(shown).toEqual([{ appliance: 'lamp', name: 'Lamp', wattage: 40, is_on: true, seq: 4 }]);
    expect(await ask(url, 'select resource, holder, fencing_token::int as token from voltsafe.lock')).toEqual([
      { resource: 'oven', holder: 'ben', token: 8 },
    ]);
  });
});

describe('the registry', () => {
  it('knows the hub, its outboxes, and what a ledger was restored from', async () => {
    const url = await server.newDatabase();
    const journal = await Journal.open();
    await journal.append(2);
    const old = '7f3f7f44-0000-4000-8000-000000000001';
    const events = {
      origin: journal.origin,
      restoredFrom: { origin: old, seq: 17 },
      lastSeq: () => journal.lastSeq(),
      read: (after: number, limit: number) => journal.read(after, limit),
    };
    const power = new History();
    const notes = new Notes();
    const { replicator } = copying(url, { events, power, cursors: notes, timing: { heartbeatMs: 1 } });
    await soon(() => replicator.state().last_seq).toBe(2);
    const found = await ask(
      url,
      'select origin, hub, kind, restored_from, restored_seq::int as seq from voltsafe.origin order by kind',
    );
    expect(found).toEqual([
      { origin: journal.origin, hub: 'home', kind: 'ledger', restored_from: old, seq: 17 },
      { origin: power.origin, hub: 'home', kind: 'power', restored_from: null, seq: null },
    ]);
    const seen = async () => String((await ask(url, 'select last_seen from voltsafe.hub'))[0]?.last_seen?.valueOf());
    const before = await seen();
    await vi.waitUntil(async () => (await seen()) !== before);
    await replicator.stop();
    expect(notes.saved).toEqual({ origin: journal.origin, seq: 2, rev: 0 });
  });
});

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i += 1) value = [value];
  return value;
}
