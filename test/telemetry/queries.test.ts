import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MAX_POINTS, MINUTE_MS } from '../../daemon/telemetry/limits.ts';
import { planPoints } from '../../daemon/telemetry/point-plan.ts';
import type { EnergyQuery, PowerQuery } from '../../daemon/telemetry/port.ts';
import { MONDAY, minute, minutes, Rig } from './fixtures.ts';

const KETTLE = 'appliance:kettle';

describe('points', () => {
  it('are the minutes themselves where they fit, and a gap is a gap', () => {
    const rows = [minute(MONDAY), minute(MONDAY + 2 * MINUTE_MS, { coveredMs: 5000 })];
    const rig = new Rig().write(rows);
    const points = rig.queries.power({ source: KETTLE, fromMs: MONDAY, toMs: MONDAY + HOUR_MS, resolution: 'auto' });
    expect(points).toEqual(rows.map((row) => ({ ...row, spanMs: MINUTE_MS })));
  });

  it('merge neighbours by time, with the least of the least and the most of the most', () => {
    const rig = new Rig().write(
      minutes(MONDAY, 60, (i) => ({
        avgMw: i * 1000,
        coveredMs: i % 5 === 0 ? 15_000 : MINUTE_MS,
        minMw: -i,
        maxMw: 90_000 + i,
      })),
    );
    const query = {
      source: KETTLE,
      fromMs: MONDAY,
      toMs: MONDAY + HOUR_MS,
      resolution: 'minute',
      maxPoints: 13,
    } as const;
    const [first, second, ...rest] = rig.queries.power(query);
    expect(rest).toHaveLength(10);
    expect(first).toMatchObject({
      startMs: MONDAY,
      spanMs: 5 * MINUTE_MS,
      coveredMs: 255_000,
      minMw: -4,
      maxMw: 90_004,
    });
    expect(first?.avgMw).toBe(Math.round((10_000 * 60) / 255));
    expect(second).toMatchObject({ startMs: MONDAY + 5 * MINUTE_MS, samples: 300 });
  });

  it('begin before the question where its first hour does', () => {
    const rig = new Rig().write(minutes(MONDAY, 120));
    const query = { source: KETTLE, fromMs: MONDAY + 30 * MINUTE_MS, toMs: MONDAY + 2 * HOUR_MS } as const;
    const starts = rig.queries.power({ ...query, resolution: 'hour' }).map(({ startMs }) => startMs);
    expect(starts).toEqual([MONDAY, MONDAY + HOUR_MS]);
  });

  it('come from coarser rows where the minutes are gone', () => {
    const rig = new Rig().write(minutes(MONDAY, 120));
    rig.store.db.exec(
      `DELETE FROM power WHERE resolution IN (0, 3); UPDATE meta SET minutes_from = ${MONDAY / MINUTE_MS + 1440}`,
    );
    const query = { source: KETTLE, fromMs: MONDAY, toMs: MONDAY + HOUR_MS, resolution: 'auto' } as const;
    expect(rig.queries.power(query)).toMatchObject([{ startMs: MONDAY, spanMs: HOUR_MS, energyMwh: 60_000 }]);
  });

  it('of days begin at midnight of the hub, also where the question does not; those of 23 and 25 hours say so', () => {
    const autumn = Date.parse('2026-10-24T22:00Z');
    const rig = new Rig().write(minutes(autumn - HOUR_MS, 60 * 27));
    const query = { source: KETTLE, fromMs: autumn + 3 * HOUR_MS, toMs: autumn + DAY_MS, resolution: 'day' } as const;
    expect(rig.queries.power(query)).toMatchObject([
      { startMs: autumn, spanMs: 25 * HOUR_MS, coveredMs: 25 * HOUR_MS },
    ]);
  });

  it('of several days share their edges with those of a neighbouring question', () => {
    const rig = new Rig();
    for (let day = 0; day < 60; day++) rig.write([minute(Date.UTC(2026, 9, 1, 12) + day * DAY_MS)]);
    const ask = (fromMs: number) =>
      rig.queries.power({ source: KETTLE, fromMs, toMs: fromMs + 50 * DAY_MS, resolution: 'day', maxPoints: 10 });
    const starts = ask(Date.UTC(2026, 9, 2)).map(({ startMs }) => startMs);
    expect(
      ask(Date.UTC(2026, 9, 4)).every(
        ({ startMs, spanMs }) => starts.includes(startMs) && spanMs >= 7 * DAY_MS - HOUR_MS,
      ),
    ).toBe(true);
    expect(starts.length).toBeLessThanOrEqual(10);
  });

  it('of a source that nobody knows, or of no time at all, there are none', () => {
    const rig = new Rig().write([minute(MONDAY)]);
    expect(rig.queries.power({ source: 'circuit:x', fromMs: 0, toMs: MONDAY * 2, resolution: 'auto' })).toEqual([]);
    expect(rig.queries.power({ source: 'all', fromMs: MONDAY, toMs: MONDAY, resolution: 'auto' })).toEqual([]);
  });

  it('are never more than were asked for, whatever the range, and miss nothing', () => {
    const sources = ['house', KETTLE, 'circuit:kitchen'];
    const rig = new Rig();
    for (let day = 0; day < 20; day++)
      rig.write(sources.flatMap((source) => minutes(MONDAY + day * DAY_MS, 30, () => ({ source }))));
    const ranges = fc.record({
      source: fc.constantFrom('all', ...sources),
      fromMs: fc.integer({ min: MONDAY - 2 * DAY_MS, max: MONDAY + 20 * DAY_MS }),
      forMs: fc.integer({ min: 1, max: 30 * DAY_MS }),
      resolution: fc.constantFrom<PowerQuery['resolution']>('auto', 'minute', 'hour', 'day'),
      maxPoints: fc.integer({ min: 3, max: 3000 }),
    });
    fc.assert(
      fc.property(ranges, ({ forMs, ...rest }) => {
        const query = { ...rest, toMs: rest.fromMs + forMs };
        const points = rig.queries.power(query);
        expect(points.length).toBeLessThanOrEqual(Math.min(query.maxPoints, MAX_POINTS));
        const count = query.source === 'all' ? 3 : 1;
        const inside = Array.from({ length: 20 }, (_, day) => MONDAY + day * DAY_MS).filter(
          (startMs) => startMs >= query.fromMs && startMs + 30 * MINUTE_MS <= query.toMs,
        );
        const heardMs = points.reduce((sum, { coveredMs }) => sum + coveredMs, 0);
        expect(heardMs).toBeGreaterThanOrEqual(inside.length * 30 * MINUTE_MS * count);
        for (const { coveredMs, spanMs } of points) expect(coveredMs).toBeLessThanOrEqual(spanMs);
      }),
    );
  });

  it.each([
    [1, 5 * MINUTE_MS, 'minute', 1],
    [1, DAY_MS, 'minute', 1],
    [1, 3 * DAY_MS, 'minute', 5],
    [1, 7 * DAY_MS, 'quarter', 1],
    [1, 60 * DAY_MS, 'hour', 1],
    [1, 366 * DAY_MS, 'day', 1],
    [20, 60 * MINUTE_MS, 'minute', 1],
    [20, DAY_MS, 'quarter', 1],
    [20, 7 * DAY_MS, 'hour', 2],
    [20, 366 * DAY_MS, 'day', 7],
    [1, 3650 * DAY_MS, 'day', 2],
  ] as const)('of %d sources over %d ms come from a %s, %d each', (sources, forMs, level, each) => {
    const asked = {
      source: 'x',
      fromMs: MONDAY,
      toMs: MONDAY + forMs,
      resolution: 'auto',
      finestKept: 'minute',
    } as const;
    const plan = planPoints({ ...asked, sources });
    expect([plan.level, plan.each]).toEqual([level, each]);
  });
});

describe('energy', () => {
  const COUNT = 2 * 1440;
  const END = MONDAY + COUNT * MINUTE_MS;
  const sumOf = (from: number, to: number) => ((to - from) * (to + from - 1)) / 2;
  const rig = () =>
    new Rig('Asia/Kolkata').write(
      minutes(MONDAY, COUNT, (i) => ({ energyMwh: i })),
      minutes(MONDAY, 60, () => ({ source: 'house', isEstimated: true })),
    );

  it('of any time is the sum of its minutes, whichever rows it is read from', () => {
    const { energy } = rig();
    const at = fc.integer({ min: 0, max: COUNT });
    fc.assert(
      fc.property(at, at, (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const [fromMs, toMs] = [MONDAY + from * MINUTE_MS, MONDAY + to * MINUTE_MS];
        const rows = energy.energy({ source: KETTLE, fromMs, toMs, group: 'none' });
        expect(rows.reduce((mwh, row) => mwh + row.energyMwh, 0)).toBe(sumOf(from, to));
      }),
    );
  });

  it('by hour, day and month is the same in portions, which begin where the hub has them begin', () => {
    const { energy } = rig();
    const asked = (group: EnergyQuery['group'], source: string) =>
      energy.energy({ fromMs: MONDAY, toMs: END, group, source });
    for (const [group, count] of [
      ['hour', 48],
      ['day', 3],
      ['month', 1],
      ['none', 1],
    ] as const) {
      const rows = asked(group, KETTLE);
      expect([group, rows.length]).toEqual([group, count]);
      expect(rows.reduce((sum, { energyMwh }) => sum + energyMwh, 0)).toBe(sumOf(0, COUNT));
      expect(asked(group, 'house').reduce((sum, { energyMwh }) => sum + energyMwh, 0)).toBe(60_000);
    }
    expect(asked('none', 'house')).toMatchObject([{ startMs: MONDAY, coveredMs: HOUR_MS, isEstimated: true }]);
    expect(asked('day', KETTLE).map(({ startMs }) => (startMs - MONDAY) / HOUR_MS)).toEqual([-5.5, 18.5, 42.5]);
    expect(asked('month', KETTLE)[0]?.startMs).toBe(MONDAY - 5.5 * HOUR_MS);
    expect(() => energy.energy({ fromMs: 0, toMs: END, group: 'hour' })).toThrow(
      expect.objectContaining({ code: 'telemetry_too_much' }),
    );
  });
});
