import { describe, expect, it } from 'vitest';
import { daysOf, groupFor, usesOf } from '../../dashboard/src/state/energies.ts';
import { reach } from '../../dashboard/src/state/fingers.ts';
import {
  followed,
  isLast,
  isLive,
  LONGEST_MS,
  lastOf,
  moved,
  type Range,
  rangeOf,
  SHORTEST_MS,
  selected,
  slid,
  zoomed,
} from '../../dashboard/src/state/history-range.ts';
import { lineOf, summaryOf } from '../../dashboard/src/state/power-lines.ts';
import { COLOURS, coloursOf, stackOf } from '../../dashboard/src/state/power-stack.ts';
import { startOf } from '../../dashboard/src/state/zone.ts';
import type { EnergyTotalView, PowerPointView } from '../../dashboard/src/wire.ts';

const at = (text: string) => Date.parse(text);
const iso = (atMs: number) => new Date(atMs).toISOString();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOON = at('2026-11-21T12:00:00Z');

function point(atMs: number, watts: number, over: Partial<PowerPointView> = {}): PowerPointView {
  const measures = { avg_w: watts, min_w: watts, max_w: watts, energy_wh: watts / 60, samples: 6, estimated: false };
  const none = { voltage_v: null, interactive_w: null, background_w: null };
  return { at: iso(atMs), span_s: 60, covered_s: 60, ...measures, ...none, ...over };
}

describe('days of the hub', () => {
  it.each([
    ['day', '2026-03-29T10:00:00Z', 'Europe/Rome', 0, '2026-03-28T23:00:00Z'],
    ['day', '2026-03-29T10:00:00Z', 'Europe/Rome', 1, '2026-03-29T22:00:00Z'],
    ['day', '2026-10-25T10:00:00Z', 'Europe/Rome', 1, '2026-10-25T23:00:00Z'],
    ['day', '2026-11-01T05:30:00Z', 'America/New_York', 0, '2026-11-01T04:00:00Z'],
    ['day', '2026-11-21T20:00:00Z', 'Asia/Kolkata', 0, '2026-11-21T18:30:00Z'],
    // Clocks went forward at midnight: these days began at one.
    ['day', '2026-04-24T12:00:00Z', 'Africa/Cairo', 0, '2026-04-23T22:00:00Z'],
    ['day', '2026-09-06T15:00:00Z', 'America/Santiago', 0, '2026-09-06T04:00:00Z'],
    ['week', '2026-11-22T12:00:00Z', 'UTC', 0, '2026-11-16T00:00:00Z'],
    ['week', '2026-11-23T12:00:00Z', 'UTC', 0, '2026-11-23T00:00:00Z'],
    ['month', '2026-01-31T12:00:00Z', 'UTC', 1, '2026-02-01T00:00:00Z'],
    ['month', '2026-01-31T12:00:00Z', 'UTC', -1, '2025-12-01T00:00:00Z'],
    ['year', '2026-11-21T12:00:00Z', 'Europe/Rome', 0, '2025-12-31T23:00:00Z'],
  ] as const)('%s of %s in %s, %i away', (unit, moment, zone, away, start) => {
    expect(iso(startOf(unit, at(moment), zone, away))).toBe(iso(at(start)));
  });
});

describe('what part of the past is shown', () => {
  const present = { nowMs: NOON, timeZone: 'Europe/Rome' };
  const spans = ({ fromMs, toMs, step }: Range) => [iso(fromMs).slice(0, 16), iso(toMs).slice(0, 16), step];

  it('an hour up to now, or a whole day, week, month, year', () => {
    expect(spans(rangeOf('hour', NOON, present))).toEqual(['2026-11-21T11:00', '2026-11-21T12:00', 'hour']);
    expect(spans(rangeOf('day', NOON, present))).toEqual(['2026-11-20T23:00', '2026-11-21T23:00', 'day']);
    expect(spans(rangeOf('month', NOON, present))).toEqual(['2026-10-31T23:00', '2026-11-30T23:00', 'month']);
  });

  it('goes by the calendar: the day before the 26th of October has 25 hours', () => {
    const monday = rangeOf('day', at('2026-10-26T12:00:00Z'), present);
    const sunday = moved(monday, -1, present);
    expect([sunday.toMs, sunday.toMs - sunday.fromMs]).toEqual([monday.fromMs, 25 * HOUR_MS]);
    expect(moved(sunday, 1, present)).toEqual(monday);
  });

  it('ends with the present', () => {
    const today = rangeOf('day', NOON, present);
    expect(moved(today, 1, present)).toEqual(today);
    expect(isLast(today, NOON)).toBe(true);
    expect(slid({ ...today, toMs: NOON }, 5 * HOUR_MS, present).toMs).toBe(NOON);
    expect(zoomed(today, 4, NOON, present).toMs).toBe(NOON);
    expect(selected(NOON - HOUR_MS, NOON + HOUR_MS, present).toMs).toBe(NOON);
  });

  it('from five minutes to years', () => {
    const today = rangeOf('day', NOON, present);
    const [least, most] = [zoomed(today, 0.0001, NOON, present), zoomed(today, 1e6, NOON, present)];
    expect([least.toMs - least.fromMs, most.toMs - most.fromMs]).toEqual([SHORTEST_MS, LONGEST_MS]);
    const tiny = selected(NOON - 10_000, NOON - 9_000, present);
    expect(tiny.toMs - tiny.fromMs).toBe(SHORTEST_MS);
    expect(slid(today, -1e15, present).fromMs).toBe(Date.UTC(2010, 0));
  });

  it('what is under the finger stays there', () => {
    const yesterday = moved(rangeOf('day', NOON, present), -1, present);
    const finger = yesterday.fromMs + 6 * HOUR_MS;
    const closer = zoomed(yesterday, 0.5, finger, present);
    expect((finger - closer.fromMs) / (closer.toMs - closer.fromMs)).toBeCloseTo(0.25);
  });

  it('goes along with the time only where it ends now', () => {
    const later = { ...present, nowMs: NOON + MINUTE_MS };
    expect(followed(rangeOf('hour', NOON, present), later).toMs).toBe(later.nowMs);
    const past = rangeOf('hour', NOON - 5 * HOUR_MS, present);
    expect([followed(past, later), isLive(past, NOON)]).toEqual([past, false]);
    expect(lastOf(past, later)).toEqual(rangeOf('hour', later.nowMs, later));
  });
});

describe('fingers', () => {
  it.each([
    ['none', [], { dx: 0, factor: 1, x: 0 }],
    ['one moves', [{ startX: 100, x: 140 }], { dx: 40, factor: 1, x: 140 }],
    [
      'two draw apart',
      [
        { startX: 100, x: 50 },
        { startX: 200, x: 250 },
      ],
      { dx: 0, factor: 0.5, x: 150 },
    ],
  ])('%s', (_case, fingers, expected) => {
    expect(reach(fingers)).toEqual(expected);
  });
});

describe('the line of one source', () => {
  it('is broken where nothing was heard', () => {
    const line = lineOf([point(NOON, 100), point(NOON + MINUTE_MS, 200), point(NOON + 5 * MINUTE_MS, 300)]);
    expect(line.measured).toEqual([100, 200, 200, null, 300, 300, null]);
    expect(line.x.map((x) => Math.round((x * 1000 - NOON) / MINUTE_MS))).toEqual([0, 1, 2, 2, 5, 6, 6]);
    expect(line.x).toEqual([...line.x].sort((a, b) => a - b));
  });

  it('tells what is estimated from what is measured', () => {
    const guess = { estimated: true };
    const line = lineOf([point(NOON, 100), point(NOON + MINUTE_MS, 60, guess), point(NOON + 2 * MINUTE_MS, 70, guess)]);
    expect(line.measured).toEqual([100, 60, null, null, null]);
    expect(line.estimated).toEqual([null, 60, 70, 70, null]);
  });

  it('goes on from its last minute to now, but not over a silence', () => {
    const tail = { nowMs: NOON + 90_000, powerW: 500, estimated: false };
    expect(lineOf([point(NOON, 100)], tail).measured).toEqual([100, 500, 500, null]);
    expect(lineOf([point(NOON - HOUR_MS, 100)], tail).measured).toEqual([100, 100, null]);
    expect(lineOf([], tail).x).toEqual([]);
  });

  it('says how much, and when the most', () => {
    const heard = summaryOf([point(NOON, 60), point(NOON + MINUTE_MS, 120, { max_w: 900, covered_s: 30 })]);
    expect(heard).toMatchObject({ energyWh: 3, averageW: 80, coveredS: 90, most: { max_w: 900 } });
    expect(summaryOf([])).toBeNull();
  });
});

describe('appliances on top of each other', () => {
  const series = (source: string, ...points: PowerPointView[]) => ({ source, points });
  const house = series('house', point(NOON, 500), point(NOON + 3 * MINUTE_MS, 100));
  const tv = series('appliance:tv', point(NOON, 100), point(NOON + 3 * MINUTE_MS, 100));
  const oven = series('appliance:oven', point(NOON, 300));

  it('the largest lowest, and on top what of the house is left', () => {
    const { layers, tops } = stackOf([house, tv, oven], new Map([['appliance:tv', 3]]));
    expect(layers.map(({ key, colour }) => [key, colour])).toEqual([
      ['appliance:oven', null],
      ['appliance:tv', 3],
      ['background', null],
    ]);
    expect(tops).toEqual([
      [300, 300, null, 0, 0, null],
      [400, 400, null, 100, 100, null],
      [500, 500, null, 100, 100, null],
    ]);
  });

  it('is never less than nothing: what is sent out is no load', () => {
    const { tops } = stackOf([series('house', point(NOON, -800)), tv], new Map());
    expect(tops.at(-1)?.[0]).toBe(100);
  });

  it('those that are too many for colours are one layer', () => {
    const many = Array.from({ length: COLOURS + 3 }, (_, i) => series(`appliance:a${i}`, point(NOON, 100 - i)));
    const { layers, tops } = stackOf(many, new Map());
    expect(layers.map(({ key }) => key).slice(-1)).toEqual(['rest']);
    expect(layers).toHaveLength(COLOURS + 1);
    expect(tops.at(-1)?.[0]).toBe(many.reduce((sum, { points }) => sum + (points[0]?.avg_w ?? 0), 0));
  });

  it('each keeps its colour, and no two have the same', () => {
    const ids = Array.from({ length: 20 }, (_, i) => `appliance:${String.fromCharCode(97 + i)}`);
    const few = coloursOf(ids, ['appliance:c', 'appliance:b']);
    expect([few.get('appliance:b'), few.get('appliance:c')]).toEqual([1, 2]);
    const all = coloursOf(ids, ids.toReversed());
    expect(new Set(all.values()).size).toBe(COLOURS);
  });
});

describe('energies', () => {
  const total = (text: string, wh: number): EnergyTotalView => ({
    at: iso(at(text)),
    span_s: 86_400,
    energy_wh: wh,
    covered_s: 86_400,
    estimated: false,
  });

  it('of today, yesterday and this month', () => {
    const totals = [
      total('2026-10-31T23:00:00Z', 4000),
      total('2026-11-19T23:00:00Z', 2000),
      total('2026-11-20T23:00:00Z', 500),
    ];
    const days = daysOf([total('2026-10-30T22:00:00Z', 9), ...totals], NOON, 'Europe/Rome');
    expect([days.today?.energy_wh, days.yesterday?.energy_wh, days.monthWh]).toEqual([500, 2000, 6500]);
    expect(daysOf([], NOON, 'UTC')).toEqual({ today: null, yesterday: null, monthWh: null });
  });

  it('of everybody, and of what nobody explains', () => {
    const one = (source: string, wh: number) => ({ source, totals: [total('2026-11-20T23:00:00Z', wh)] });
    const uses = usesOf([
      one('appliance:tv', 100),
      one('house', 1000),
      one('appliance:oven', 600),
      one('appliance:off', 0),
    ]);
    expect(uses.map(({ source, energyWh }) => [source, energyWh])).toEqual([
      ['house', 1000],
      ['appliance:oven', 600],
      ['appliance:tv', 100],
      ['background', 300],
    ]);
  });

  it.each([
    [1, 'hour'],
    [31, 'day'],
    [365, 'month'],
  ])('of %i days by the %s', (days, group) => {
    expect(groupFor({ fromMs: 0, toMs: days * 24 * HOUR_MS })).toBe(group);
  });
});
