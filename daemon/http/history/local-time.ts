import { zoneOf } from '../../zones/find.ts';
import type { Zone } from '../../zones/zone.ts';

/** Times as the wall of a place shows them, with their offset: `2026-03-29T03:00:00+02:00`. */
export class LocalTime {
  readonly #zone: Zone;

  constructor(timezone: string) {
    this.#zone = zoneOf(timezone);
  }

  say(atMs: number): string {
    const offsetMs = this.#zone.offsetMsAt(atMs);
    return new Date(atMs + offsetMs).toISOString().slice(0, 19) + sayOffset(offsetMs);
  }
}

function sayOffset(offsetMs: number): string {
  const minutes = Math.abs(offsetMs) / 60_000;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
