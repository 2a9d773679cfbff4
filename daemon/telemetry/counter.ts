import { MAX_MW } from '../core/watts.ts';
import { COUNTER_STEP_MWH, HOUR_MS } from './limits.ts';
import type { Counted } from './port.ts';

interface Stand {
  readonly energyMwh: number;
  readonly exportMwh: number;
}

/** What its counter corrects: `riseMwh` flowed, where power alone would have booked `bookedMwMs`. */
export interface Correction {
  readonly riseMwh: number;
  readonly bookedMwMs: number;
}

/**
 * The counter of a device against what was booked by its power. Whenever it moves, its rise takes the place of what was
 * booked since it moved last: that is exact over gaps, restarts and coarse counters alike, and minutes stay smooth. The
 * difference is booked in the minute in which the counter is heard: nobody knows when the energy of a gap flowed, and
 * rows that are written and copied are not rewritten for a guess. So a minute after a gap may hold much, and one after
 * a report that came late may hold less than nothing; every sum over both ends of a gap is exact.
 */
export class Counter {
  #stand: Stand | null = null;
  #bookedMwMs = 0;
  #atWallMs: number;

  constructor(resumed: Counted | null, wallMs: number) {
    this.#atWallMs = resumed?.atWallMs ?? wallMs;
    if (resumed === null) return;
    this.#stand = resumed;
    this.#bookedMwMs = resumed.bookedMwMs;
  }

  /** Energy that power booked, and no counter confirmed yet. */
  book(mwMs: number): void {
    this.#bookedMwMs += mwMs;
  }

  /** Null: it did not move, or tells of another life. What power booked stays then. */
  hear(next: Stand, wallMs: number): Correction | null {
    const before = this.#stand;
    if (before !== null && before.energyMwh === next.energyMwh && before.exportMwh === next.exportMwh) return null;
    const correction = before === null ? null : this.#correction(before, next, wallMs);
    this.#stand = next;
    this.#bookedMwMs = 0;
    this.#atWallMs = wallMs;
    return correction;
  }

  /** A counter that fell was reset, or its device exchanged; one that leapt was exchanged, too. */
  #correction(before: Stand, next: Stand, wallMs: number): Correction | null {
    const inMwh = next.energyMwh - before.energyMwh;
    const outMwh = next.exportMwh - before.exportMwh;
    const mostMwh = (MAX_MW * Math.max(0, wallMs - this.#atWallMs)) / HOUR_MS + COUNTER_STEP_MWH;
    if (inMwh < 0 || outMwh < 0 || inMwh > mostMwh || outMwh > mostMwh) return null;
    return { riseMwh: inMwh - outMwh, bookedMwMs: this.#bookedMwMs };
  }

  /** Null before it was heard. */
  counted(restMwMs: number): Counted | null {
    if (this.#stand === null) return null;
    const { energyMwh, exportMwh } = this.#stand;
    return { energyMwh, exportMwh, atWallMs: this.#atWallMs, bookedMwMs: this.#bookedMwMs, restMwMs };
  }
}
