const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };

/** `14:03:22`, with the day when it was another one. The viewer's own time zone unless one is given. */
export function sayTime(atMs: number, nowMs: number, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const day = (ms: number) => new Intl.DateTimeFormat('en-GB', { ...DAY, ...zone }).format(ms);
  const clock = new Intl.DateTimeFormat('en-GB', { ...CLOCK, ...zone }).format(atMs);
  return day(atMs) === day(nowMs) ? clock : `${day(atMs)}, ${clock}`;
}

/** `0.12 s`, `4.5 s`, `2 min`: how long a relay took. */
export function sayDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, ms) / 1000} s`;
  return ms < 60_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 60_000)} min`;
}

/** `42 s`, `3 min`, `2 h`, `4 days`: how old something is. Rounded down, and never from the future. */
export function sayAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
