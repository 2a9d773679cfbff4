import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PowerRow, RevisedRow } from '../../daemon/core/power.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../daemon/telemetry/limits.ts';
import { batch, MONDAY, minute, minutes, Rig } from './fixtures.ts';

const of = (rig: Rig, resolution: RevisedRow['resolution']) =>
  rig.store.rowsAfter(0, 5000).filter((row) => row.resolution === resolution);

/** What these minutes give, said once more in the shortest way. Averages beside it: null where nothing was heard. */
function expected(rows: readonly PowerRow[], startMs: number, endMs: number) {
  const inside = rows.filter((row) => row.startMs >= startMs && row.startMs < endMs);
  const sum = (of: (row: PowerRow) => number) => inside.reduce((total, row) => total + of(row), 0);
  const coveredMs = sum((row) => row.coveredMs);
  const told = inside.filter(({ voltageMv }) => voltageMv !== null);
  const toldMs = told.reduce((total, row) => total + row.coveredMs, 0);
  return {
    exact: {
      minMw: Math.min(...inside.map(({ minMw }) => minMw)),
      maxMw: Math.max(...inside.map(({ maxMw }) => maxMw)),
      energyMwh: sum((row) => row.energyMwh),
      coveredMs,
      samples: sum((row) => row.samples),
      isEstimated: inside.some((row) => row.isEstimated),
      isClockSure: inside.every((row) => row.isClockSure),
    },
    avgMw: coveredMs === 0 ? null : sum((row) => row.avgMw * row.coveredMs) / coveredMs,
    voltageMv: toldMs === 0 ? null : told.reduce((v, row) => v + (row.voltageMv ?? 0) * row.coveredMs, 0) / toldMs,
  };
}

function expectRolledUp(row: RevisedRow, rows: readonly PowerRow[], endMs: number, withinMw: number): void {
  const own = rows.filter(({ source }) => source === row.source);
  const { exact, avgMw, voltageMv } = expected(own, row.startMs, endMs);
  expect(row).toMatchObject(exact);
  if (avgMw !== null) expect(Math.abs(row.avgMw - avgMw)).toBeLessThanOrEqual(withinMw + 1e-6);
  // An hour that told it in part weighs in its day as if it had told it all along.
  const isPart = row.resolution === 'day' && own.some((one) => one.voltageMv === null);
  if (voltageMv !== null && !isPart)
    expect(Math.abs((row.voltageMv ?? 0) - voltageMv)).toBeLessThanOrEqual(withinMw + 1e-6);
}

describe('a minute that is met twice', () => {
  it('is merged: energy flowed twice, but a minute has 60 s', () => {
    const rig = new Rig().write([minute(MONDAY, { avgMw: 60_000 })], [minute(MONDAY, { avgMw: 180_000, minMw: 5 })]);
    expect(of(rig, 'minute')).toMatchObject([
      { avgMw: 120_000, minMw: 5, maxMw: 180_000, energyMwh: 4000, coveredMs: MINUTE_MS, samples: 120 },
    ]);
    expect(of(rig, 'hour')).toMatchObject([{ energyMwh: 4000, coveredMs: MINUTE_MS }]);
  });

  it('however often the clock is set back, within one batch or over many', () => {
    const again = Array.from({ length: 50 }, () => minute(MONDAY, { coveredMs: 30_000 }));
    const rig = new Rig().write(again, ...again.map((row) => [row]));
    expect(of(rig, 'minute')).toMatchObject([{ avgMw: 60_000, coveredMs: MINUTE_MS, energyMwh: 100_000 }]);
  });

  it('two halves make a whole', () => {
    const [a, b] = [minute(MONDAY, { avgMw: 10, coveredMs: 20_000 }), minute(MONDAY, { avgMw: 40, coveredMs: 40_000 })];
    expect(of(new Rig().write([a], [b]), 'minute')).toMatchObject([{ avgMw: 30, coveredMs: MINUTE_MS }]);
  });
});

const someMinutes = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 3 * 1440 }),
    source: fc.constantFrom('house', 'appliance:a', 'appliance:b'),
    avgMw: fc.integer({ min: -5_000_000, max: 5_000_000 }),
    energyMwh: fc.integer({ min: -80_000, max: 80_000 }),
    coveredMs: fc.integer({ min: 0, max: MINUTE_MS }),
    voltageMv: fc.option(fc.integer({ min: 200_000, max: 250_000 })),
    samples: fc.integer({ min: 1, max: 60 }),
    isEstimated: fc.boolean(),
    isClockSure: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);

describe('roll-ups', () => {
  // Both ways over a clock change, and a zone whose days begin at half past.
  const PLACES = [
    ['Europe/Rome', Date.UTC(2026, 2, 28)],
    ['Europe/Rome', Date.UTC(2026, 9, 24)],
    ['America/New_York', Date.UTC(2026, 2, 7)],
    ['America/New_York', Date.UTC(2026, 9, 31)],
    ['Asia/Kolkata', MONDAY],
  ] as const;

  it.each(PLACES)('are what the minutes give, in whatever order they come: %s', (zone, fromMs) => {
    fc.assert(
      fc.property(someMinutes, fc.integer({ min: 1, max: 7 }), (some, each) => {
        const rig = new Rig(zone);
        const rows = some.map(({ at, ...rest }) => minute(fromMs + at * MINUTE_MS, { ...rest, minMw: rest.avgMw - 1 }));
        for (let i = 0; i < rows.length; i += each) rig.write(rows.slice(i, i + each));
        const written = of(rig, 'minute');
        for (const hour of of(rig, 'hour')) expectRolledUp(hour, written, hour.startMs + HOUR_MS, 0.5);
        // Of hours, which are rounded already.
        for (const day of of(rig, 'day')) expectRolledUp(day, written, rig.calendar.dayEnd(day.startMs), 1);
        for (const resolution of ['minute', 'hour', 'day'] as const) {
          const mwh = of(rig, resolution).reduce((sum, { energyMwh }) => sum + energyMwh, 0);
          expect(mwh).toBe(rows.reduce((sum, { energyMwh }) => sum + energyMwh, 0));
        }
        rig.store.close();
      }),
      { numRuns: 15, interruptAfterTimeLimit: 8000 },
    );
  });

  it('a day of 25 hours holds 25 hours', () => {
    const startMs = Date.parse('2026-10-24T22:00Z');
    const rig = new Rig().write(minutes(startMs, 26 * 60));
    expect(of(rig, 'day')).toMatchObject([
      { startMs, coveredMs: 25 * HOUR_MS, energyMwh: 25_000 * 60 },
      { startMs: startMs + 25 * HOUR_MS, coveredMs: HOUR_MS },
    ]);
  });

  it('a late minute is added where the minutes of its hour are no longer kept', () => {
    const rig = new Rig().write(minutes(MONDAY, 60));
    rig.store.db.exec(
      `DELETE FROM power WHERE resolution = 0; UPDATE meta SET minutes_from = ${(MONDAY + DAY_MS) / MINUTE_MS}`,
    );
    rig.write([minute(MONDAY, { energyMwh: 7 })]);
    expect(of(rig, 'hour')).toMatchObject([{ energyMwh: 60_007, coveredMs: HOUR_MS }]);
    expect(of(rig, 'day').map(({ energyMwh }) => energyMwh)).toEqual([60_007]);
  });

  it('a hub that moves to another zone has days of that zone; old edges are left empty', () => {
    const rig = new Rig('Europe/Rome').write(minutes(MONDAY, 1440));
    const { db } = rig.store;
    const moved = new Rig('America/New_York', db);
    const days = of(moved, 'day').filter(({ coveredMs }) => coveredMs > 0);
    expect(days.map(({ startMs, energyMwh }) => [(startMs - MONDAY) / HOUR_MS, energyMwh])).toEqual([
      [-20, 4 * 60_000],
      [4, 20 * 60_000],
    ]);
    expect(of(moved, 'day').filter(({ coveredMs }) => coveredMs === 0)).toHaveLength(2);
    expect(
      moved.queries.power({ source: 'all', fromMs: MONDAY, toMs: MONDAY + DAY_MS, resolution: 'day' }),
    ).toHaveLength(2);
  });
});

describe('revisions', () => {
  it('rise with every write, and come in order, each row once, with its newest', () => {
    const rig = new Rig().write(minutes(MONDAY, 3));
    const first = rig.store.rowsAfter(0, 100);
    expect(first.map(({ resolution }) => resolution)).toEqual(['minute', 'minute', 'minute', 'hour', 'day']);
    expect(first.map(({ rev }) => rev)).toEqual([1, 2, 3, 4, 5]);
    rig.write([minute(MONDAY + MINUTE_MS)]);
    expect(
      rig.store.rowsAfter(5, 100).map(({ resolution, rev, startMs }) => [resolution, rev, startMs - MONDAY]),
    ).toEqual([
      ['minute', 6, MINUTE_MS],
      ['hour', 7, 0],
      ['day', 8, -2 * HOUR_MS],
    ]);
    expect(rig.store.rowsAfter(0, 100)).toHaveLength(5);
    expect(rig.store.rowsAfter(0, 2).map(({ rev }) => rev)).toEqual([1, 3]);
    expect(rig.store.lastRev).toBe(8);
  });

  it('what is not on the disk yet is shown, and not handed on', () => {
    const rig = new Rig().write([minute(MONDAY)]);
    const { lastRev } = rig.store;
    rig.store.begin();
    rig.store.apply(batch([minute(MONDAY), minute(MONDAY + MINUTE_MS)]));
    expect(rig.store.lastRev).toBe(lastRev);
    expect(rig.store.rowsAfter(0, 10).every(({ rev }) => rev <= lastRev)).toBe(true);
    const shown = () =>
      rig.queries.power({ source: 'all', fromMs: MONDAY, toMs: MONDAY + HOUR_MS, resolution: 'auto' });
    expect(shown()).toHaveLength(2);
    rig.store.rollback();
    expect(shown()).toHaveLength(1);
    rig.write([minute(MONDAY + MINUTE_MS)]);
    expect(rig.store.rowsAfter(lastRev, 10).map(({ rev }) => rev)).toEqual([4, 5, 6]);
  });

  it('are found by their index, not by reading all rows', () => {
    const { db } = new Rig().store;
    const plan = db
      .prepare('EXPLAIN QUERY PLAN SELECT * FROM power WHERE rev > 5 AND rev <= 9 ORDER BY rev LIMIT 3')
      .all();
    expect(JSON.stringify(plan)).toContain('power_rev');
  });
});

describe('the cursor of the replication', () => {
  it('is kept beside the rows', () => {
    const rig = new Rig();
    expect(rig.store.cursor()).toBeNull();
    rig.store.saveCursor({ origin: 'o', seq: 5, rev: 7 });
    expect(rig.store.cursor()).toEqual({ origin: 'o', seq: 5, rev: 7 });
  });
});
