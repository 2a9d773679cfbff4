import { describe, expect, it } from 'vitest';
import type { ReplicationView } from '../../dashboard/src/wire.ts';
import {
  sayHistory,
  sayKwh,
  sayLength,
  sayMoment,
  sayPower,
  sayRange,
  sayReplication,
  saySource,
  saySummary,
} from '../../dashboard/src/words/history.ts';

const at = (text: string) => Date.parse(text);
const PLACE = { nowMs: at('2026-11-21T12:00:00Z'), timeZone: 'Europe/Rome' };

describe('a part of the past in words', () => {
  it.each([
    ['2026-11-20T23:00:00Z', '2026-11-21T23:00:00Z', 'day', 'Today'],
    ['2026-11-19T23:00:00Z', '2026-11-20T23:00:00Z', 'day', 'Yesterday'],
    ['2026-11-13T23:00:00Z', '2026-11-14T23:00:00Z', 'day', 'Sat 14 Nov 2026'],
    ['2026-11-15T23:00:00Z', '2026-11-22T23:00:00Z', 'week', '16 Nov 2026 to 22 Nov 2026'],
    ['2026-10-31T23:00:00Z', '2026-11-30T23:00:00Z', 'month', 'November 2026'],
    ['2025-12-31T23:00:00Z', '2026-12-31T23:00:00Z', 'year', '2026'],
    ['2026-11-21T11:00:00Z', '2026-11-21T12:00:00Z', 'hour', '21 Nov 2026, 12:00 to 13:00'],
    ['2026-11-20T22:30:00Z', '2026-11-20T23:30:00Z', 'free', '20 Nov 2026, 23:30 to 21 Nov 2026, 00:30'],
  ] as const)('%s to %s, by %s', (from, to, step, words) => {
    expect(sayRange({ fromMs: at(from), toMs: at(to), step }, PLACE)).toBe(words);
  });

  it.each([
    [60, 'Sat 14 Nov, 19:04'],
    [82_800, 'Sat 14 Nov'],
    [30 * 86_400, 'November 2026'],
  ])('a point of %i s', (spanS, words) => {
    expect(sayMoment(at('2026-11-14T18:04:00Z'), spanS, 'Europe/Rome')).toBe(words);
  });

  it('sums up what was heard, and what was not', () => {
    const range = { fromMs: at('2026-11-20T23:00:00Z'), toMs: at('2026-11-21T23:00:00Z'), step: 'day' } as const;
    const heard = { energyWh: 4200, averageW: 350, most: null, coveredS: 10 * 3600, estimated: true };
    expect(saySummary(heard, range, PLACE)).toBe(
      '4.20 kWh, on average 350 W. 3 h were not heard. Where nothing measures, rated watts stand in.',
    );
    expect(saySummary({ ...heard, coveredS: 13 * 3600, estimated: false }, range, PLACE)).toBe(
      '4.20 kWh, on average 350 W.',
    );
    expect(saySummary(null, range, PLACE)).toBe('Nothing was heard in this time.');
  });
});

describe('figures of the history', () => {
  it.each([
    [420, '0.42 kWh'],
    [12_340, '12.3 kWh'],
    [1_234_000, '1234 kWh'],
    [-2500, '-2.50 kWh'],
  ])('%f Wh', (wh, words) => expect(sayKwh(wh)).toBe(words));
  it.each([
    [0.64, '0.6 W'],
    [412.4, '412 W'],
    [3214, '3.21 kW'],
    [-850, '-850 W'],
  ])('%f W', (watts, words) => expect(sayPower(watts)).toBe(words));
  it.each([
    [45, '45 s'],
    [11_520, '3 h 12 min'],
    [3600, '1 h'],
    [90_000, '1 d 1 h'],
  ])('%i s', (seconds, words) => expect(sayLength(seconds)).toBe(words));
  it.each([
    ['house', 'The house'],
    ['circuit:kitchen', 'Circuit kitchen'],
    ['appliance:oven', 'Oven'],
    ['rest', 'Other appliances'],
    ['background', 'Everything else'],
  ])('%s', (source, words) => expect(saySource(source, (id) => (id === 'oven' ? 'Oven' : id))).toBe(words));
});

describe('how the history and its copy are', () => {
  const copy: ReplicationView = {
    enabled: true,
    connected: true,
    alarmed: false,
    lag_rows: 0,
    lag_s: 0,
    last_seq: 1,
    last_rev: 1,
    rows_sent: 1,
    batches_sent: 1,
    last_sent_at: null,
    last_error: null,
  };
  const error = {
    code: 'auth',
    detail: 'the password is wrong',
    advice: 'mend the password file',
    at: '2026-11-21T12:00:00Z',
  };

  it('nothing is said while all is well and nothing is copied', () => {
    expect(sayHistory(null)).toBeNull();
    expect(sayHistory({ state: 'ok', detail: null, timezone: 'UTC' })).toBeNull();
    expect(sayReplication({ ...copy, enabled: false })).toBeNull();
  });

  it('a full disk is told with what to do', () => {
    expect(sayHistory({ state: 'full', detail: 'the disk is full: make room', timezone: 'UTC' })).toEqual({
      text: 'The power history is not being kept. The disk is full: make room.',
      isTrouble: true,
    });
  });

  it.each([
    ['up to now', copy, 'Copied to Postgres, up to now.', false],
    [
      'behind',
      { ...copy, lag_rows: 1, lag_s: 5 },
      'Being copied to Postgres. 1 row waits, the oldest for 5 s; nothing is lost.',
      false,
    ],
    ['not reached', { ...copy, connected: false }, 'Postgres is not reached yet.', false],
    [
      'refused',
      { ...copy, connected: false, lag_rows: 1200, lag_s: 7200, last_error: error },
      'No copy in Postgres now: The password is wrong. Mend the password file. 1200 rows wait, the oldest for 2 h; nothing is lost.',
      true,
    ],
  ])('%s', (_case, view, text, isTrouble) => {
    expect(sayReplication(view)).toEqual({ text, isTrouble });
  });
});
