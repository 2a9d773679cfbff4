/** All offsets in use are whole quarters of an hour, and change at one. */
const QUARTER_MS = 900_000;

/** Times as the wall of a place shows them, with their offset: `2026-03-29T03:00:00+02:00`. */
export class LocalTime {
  readonly #format: Intl.DateTimeFormat;
  #quarter = Number.NaN;
  #offsetMs = 0;
  #offset = '';

  constructor(timezone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  }

  say(atMs: number): string {
    const offsetMs = this.#offsetAt(atMs);
    return new Date(atMs + offsetMs).toISOString().slice(0, 19) + this.#offset;
  }

  /** Rows come in order: the last answer holds for many of them. */
  #offsetAt(atMs: number): number {
    const quarter = Math.floor(atMs / QUARTER_MS);
    if (quarter === this.#quarter) return this.#offsetMs;
    const parts: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(atMs)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    this.#quarter = quarter;
    this.#offsetMs = Date.UTC(year, month - 1, day, hour, minute) - Math.floor(atMs / 60_000) * 60_000;
    this.#offset = sayOffset(this.#offsetMs);
    return this.#offsetMs;
  }
}

function sayOffset(offsetMs: number): string {
  const minutes = Math.abs(offsetMs) / 60_000;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
