/** Days, weeks, months and years of the hub's time zone: a phone abroad still shows the days of the home. */

export type Unit = 'day' | 'week' | 'month' | 'year';

interface Wall {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The moment at which the unit that contains `atMs` began, or another one so many units away. */
export function startOf(unit: Unit, atMs: number, timeZone: string, away = 0): number {
  const { year, month, day } = wallOf(atMs, timeZone);
  if (unit === 'year') return midnight({ year: year + away, month: 1, day: 1 }, timeZone);
  if (unit === 'month') return midnight({ year, month: month + away, day: 1 }, timeZone);
  if (unit === 'day') return midnight({ year, month, day: day + away }, timeZone);
  // Monday first; the 1st of January 1970 was a Thursday.
  const sinceMonday = (Date.UTC(year, month - 1, day) / DAY_MS + 3) % 7;
  return midnight({ year, month, day: day - sinceMonday + 7 * away }, timeZone);
}

/** The first moment of a date; months and days beyond their end are those of the next. */
function midnight({ year, month, day }: Wall, timeZone: string): number {
  const wanted = Date.UTC(year, month - 1, day);
  const near = wanted - offsetMs(wanted - offsetMs(wanted, timeZone), timeZone);
  // Where the clocks go forward at midnight, the day begins at one.
  return offsetMs(near, timeZone) + near < wanted ? near + HOUR_MS : near;
}

function offsetMs(atMs: number, timeZone: string): number {
  const minuteMs = Math.floor(atMs / 60_000) * 60_000;
  const { year, month, day, hour, minute } = partsOf(minuteMs, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute) - minuteMs;
}

function wallOf(atMs: number, timeZone: string): Wall {
  return partsOf(atMs, timeZone);
}

function partsOf(atMs: number, timeZone: string) {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(atMs)) parts[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return { year, month, day, hour, minute };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const format = new Intl.DateTimeFormat('en-GB', { ...numeric, hourCycle: 'h23', timeZone });
  formats.set(timeZone, format);
  return format;
}
