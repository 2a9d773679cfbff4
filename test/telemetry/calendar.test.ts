import { describe, expect, it } from 'vitest';
import { Calendar } from '../../daemon/telemetry/calendar.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../daemon/telemetry/limits.ts';

const DAYS: [zone: string, local: string, begins: string, hours: number, why: string][] = [
  ['Europe/Rome', '2026-03-29', '2026-03-28T23:00Z', 23, 'summer time begins'],
  ['Europe/Rome', '2026-10-25', '2026-10-24T22:00Z', 25, 'summer time ends'],
  ['Europe/Rome', '2026-07-01', '2026-06-30T22:00Z', 24, ''],
  ['America/New_York', '2026-03-08', '2026-03-08T05:00Z', 23, 'summer time begins'],
  ['America/New_York', '2026-11-01', '2026-11-01T04:00Z', 25, 'summer time ends'],
  ['Asia/Kolkata', '2026-06-01', '2026-05-31T18:30Z', 24, 'a zone with half an hour'],
  ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00Z', 24.5, 'half an hour is set back'],
  ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00Z', 23, 'there is no midnight: it begins at one'],
  ['America/Havana', '2026-11-01', '2026-11-01T04:00Z', 25, 'midnight comes twice: the first one counts'],
  ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00Z', 24, 'the day before was left out'],
  ['UTC', '2026-11-21', '2026-11-21T00:00Z', 24, ''],
];

describe('days', () => {
  it.each(DAYS)('%s %s begins at %s and has %d hours %s', (zone, _, begins, hours) => {
    const startMs = Date.parse(begins);
    const span = { startMs, endMs: startMs + hours * HOUR_MS };
    for (const inside of [startMs, startMs + 12.7 * HOUR_MS, span.endMs - 1])
      expect(new Calendar(zone).dayOf(inside)).toEqual(span);
    expect(new Calendar(zone).dayEnd(startMs)).toBe(span.endMs);
  });

  it.each(['Europe/Rome', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'])(
    'the days of a year in %s follow each other without a hole, one number each',
    (zone) => {
      const calendar = new Calendar(zone);
      let day = calendar.dayOf(Date.UTC(2026, 0, 1));
      for (let i = 0; i < 366; i++) {
        const next = calendar.dayOf(day.endMs);
        expect(next.startMs).toBe(day.endMs);
        expect(calendar.dayOf(day.endMs - MINUTE_MS)).toEqual(day);
        expect(calendar.dayNumber(next.startMs) - calendar.dayNumber(day.startMs)).toBe(1);
        day = next;
      }
    },
  );

  it('months begin with their first day', () => {
    const calendar = new Calendar('Europe/Rome');
    expect(calendar.monthOf(Date.parse('2026-03-31T21:59Z'))).toEqual({
      startMs: Date.parse('2026-02-28T23:00Z'),
      endMs: Date.parse('2026-03-31T22:00Z'),
    });
    expect(calendar.dayNumber(DAY_MS / 2)).toBe(0);
  });
});
