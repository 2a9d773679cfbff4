import type { Zone } from './zone.ts';

/**
 * What holds after the last change that a zone file lists: a TZ string (RFC 9636, section 3.3.1; POSIX, 8.3), like
 * `CET-1CEST,M3.5.0,M10.5.0/3`, `<-02>2<-01>,M3.5.0/-1,M10.5.0/0` or `<+03>-3`. Its offsets count westward.
 */
const NAME = '(?:<[^>]+>|[A-Za-z]{3,})';
const TIME = '[+-]?\\d{1,3}(?::\\d\\d){0,2}';
const DAY = `(?:M\\d{1,2}\\.\\d\\.\\d|J?\\d{1,3})(?:/${TIME})?`;
const STRING = new RegExp(`^${NAME}(${TIME})(?:${NAME}(${TIME})?,(${DAY}),(${DAY}))?$`);
const EDGE = new RegExp(`^(?:M(\\d{1,2})\\.(\\d)\\.(\\d)|(J?)(\\d{1,3}))(?:/(${TIME}))?$`);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_DAYS = 7;
/** Clocks change at two unless it says otherwise. */
const USUAL_MS = 2 * HOUR_MS;

/** When clocks change in a year, in ms since 1970 as a wall shows it. */
type Edge = (year: number) => number;

/** Throws RangeError for what is no such string. */
export function readRule(text: string): Zone {
  const [, standard, summer, start, end] = STRING.exec(text) ?? fail(text);
  const standardMs = 0 - msOf(standard ?? '0');
  if (start === undefined || end === undefined) return { offsetMsAt: () => standardMs };
  const summerMs = summer === undefined ? standardMs + HOUR_MS : 0 - msOf(summer);
  return { offsetMsAt: inTurn(standardMs, summerMs, edgeOf(start), edgeOf(end)) };
}

/** Where summer begins late in the year (south of the equator, or Ireland's winter time), it lasts over its end. */
function inTurn(standardMs: number, summerMs: number, start: Edge, end: Edge): Zone['offsetMsAt'] {
  return (atMs) => {
    const year = new Date(atMs + standardMs).getUTCFullYear();
    const startMs = start(year) - standardMs;
    const endMs = end(year) - summerMs;
    const isSummer = startMs < endMs ? startMs <= atMs && atMs < endMs : atMs < endMs || atMs >= startMs;
    return isSummer ? summerMs : standardMs;
  };
}

function edgeOf(text: string): Edge {
  const [, month, week, weekday, julian, day, time] = EDGE.exec(text) ?? fail(text);
  const timeMs = time === undefined ? USUAL_MS : msOf(time);
  if (month !== undefined) return (year) => weekdayMs(year, Number(month), Number(week), Number(weekday)) + timeMs;
  return (year) => dayMs(year, Number(day), julian === 'J') + timeMs;
}

/** Week 5 is the last of the month, however many it has. */
function weekdayMs(year: number, month: number, week: number, weekday: number): number {
  const firstMs = Date.UTC(year, month - 1, 1);
  const ahead = (weekday - new Date(firstMs).getUTCDay() + WEEK_DAYS) % WEEK_DAYS;
  const atMs = firstMs + (ahead + (week - 1) * WEEK_DAYS) * DAY_MS;
  return atMs < Date.UTC(year, month, 1) ? atMs : atMs - WEEK_DAYS * DAY_MS;
}

/** `J1` to `J365` pass over the leap day; `0` to `365` count it. */
function dayMs(year: number, day: number, isJulian: boolean): number {
  return isJulian ? Date.UTC(year, 0, day) + leapMs(year, day) : Date.UTC(year, 0, 1 + day);
}

function leapMs(year: number, julianDay: number): number {
  const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
  return isLeap && julianDay > 59 ? DAY_MS : 0;
}

/** `-1`, `5:45`, `+2:30:15`. */
function msOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, '').split(':').map(Number);
  const ms = hours * HOUR_MS + minutes * 60_000 + seconds * 1000;
  return text.startsWith('-') ? -ms : ms;
}

function fail(text: string): never {
  throw new RangeError(`no rule of a time zone: ${text}`);
}
