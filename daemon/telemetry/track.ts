import type { PowerRow } from '../core/power.ts';
import { Counter } from './counter.ts';
import { type Level, OpenMinute } from './minute.ts';
import type { Counted, Reading } from './port.ts';
import type { WallNames } from './wall-names.ts';

export interface TrackParts {
  readonly source: string;
  readonly names: WallNames;
  readonly upMs: number;
  readonly wallMs: number;
  /** What its counter stood at when the hub was last there. */
  readonly resumed?: Counted | null;
  readonly isClockSure: () => boolean;
  /** A minute is over. */
  readonly finished: (row: PowerRow) => void;
}

/**
 * One source: samples become minutes. A level holds until the next one, or until its source falls silent: from then on
 * there is a gap, which is no 0. Times are whole milliseconds of uptime and never go back.
 */
export class Track {
  readonly #parts: TrackParts;
  readonly #counter: Counter;
  #level: Level | null = null;
  #interactiveMw = 0;
  #atUpMs: number;
  #open: OpenMinute | null = null;
  #restMwMs: number;
  #counted: Counted | null;

  constructor(parts: TrackParts) {
    this.#parts = parts;
    this.#atUpMs = parts.upMs;
    this.#counted = parts.resumed ?? null;
    this.#restMwMs = this.#counted?.restMwMs ?? 0;
    this.#counter = new Counter(this.#counted, parts.wallMs);
  }

  /** Of the device's counter when the last minute ended: goes with its rows, so that neither is without the other. */
  get counted(): Counted | null {
    return this.#counted;
  }

  /** Of energy, in mW x ms: what no row has yet. */
  get restMwMs(): number {
    return this.#restMwMs;
  }

  get isSilent(): boolean {
    return this.#level === null;
  }

  reading({ powerMw, voltageMv = null, energyMwh = null, exportMwh = null, atUpMs, atWallMs }: Reading): void {
    this.advance(atUpMs);
    this.#level = { powerMw, voltageMv, isEstimated: false };
    const minute = this.#minute();
    minute.heard(this.#level);
    if (energyMwh === null) return;
    const correction = this.#counter.hear({ energyMwh, exportMwh: exportMwh ?? 0 }, atWallMs);
    if (correction !== null) minute.corrected(correction.riseMwh, correction.bookedMwMs);
  }

  /** Nothing measures: what is known of it stands in. */
  estimate(powerMw: number, upMs: number): void {
    this.advance(upMs);
    this.#level = { powerMw, voltageMv: null, isEstimated: true };
  }

  /** Of the house: what managed appliances draw from now on. */
  share(interactiveMw: number, upMs: number): void {
    this.advance(upMs);
    this.#interactiveMw = interactiveMw;
  }

  silence(upMs: number): void {
    this.advance(upMs);
    this.#level = null;
  }

  /** Nobody heard anything in between. What a meter said before is over; what is known is known again. */
  skip(fromUpMs: number, toUpMs: number): void {
    const level = this.#level;
    this.silence(Math.max(fromUpMs, this.#atUpMs));
    this.advance(toUpMs);
    if (level?.isEstimated === true) this.#level = level;
  }

  advance(upMs: number): void {
    while (this.#atUpMs < upMs) {
      const endMs = this.#parts.names.minuteEnd(this.#atUpMs);
      const toMs = Math.min(endMs, upMs);
      if (this.#level !== null) this.#hold(this.#level, toMs - this.#atUpMs);
      this.#atUpMs = this.#open === null ? upMs : toMs;
      if (toMs === endMs) this.#finish();
    }
  }

  /** Ends the open minute before its time: the wall was set, or the hub stops. */
  cut(upMs: number): void {
    this.advance(upMs);
    this.#finish();
  }

  #hold(level: Level, forMs: number): void {
    this.#counter.book(this.#minute().held(level, forMs, this.#interactiveMw));
  }

  #minute(): OpenMinute {
    this.#open ??= new OpenMinute(this.#parts.names.minuteOf(this.#atUpMs));
    return this.#open;
  }

  #finish(): void {
    if (this.#open === null) return;
    const { source, isClockSure, finished } = this.#parts;
    const { row, restMwMs } = this.#open.close(source, this.#restMwMs, isClockSure());
    this.#open = null;
    this.#restMwMs = restMwMs;
    this.#counted = this.#counter.counted(restMwMs);
    finished(row);
  }
}
