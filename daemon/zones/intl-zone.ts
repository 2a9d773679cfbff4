import type { Zone } from './zone.ts';

/** All offsets in use are whole quarters of an hour, and change at one. */
const QUARTER_MS = 900_000;
const MINUTE_MS = 60_000;

/** By Node's own Intl; null where it has no zone of that name. */
export function intlZone(name: string): Zone | null {
  const format = formatOf(name);
  if (format === null) return null;
  let quarter = Number.NaN;
  let offsetMs = 0;
  return {
    // Times come in order: the last answer holds for many of them.
    offsetMsAt: (atMs) => {
      const asked = Math.floor(atMs / QUARTER_MS);
      if (asked !== quarter) offsetMs = offsetBy(format, asked * QUARTER_MS);
      quarter = asked;
      return offsetMs;
    },
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  } catch {
    return null;
  }
}

function offsetBy(format: Intl.DateTimeFormat, atMs: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(atMs)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
}
