import type { PowerRow } from '../core/power.ts';
import { whole } from './combine.ts';
import { MINUTE_MS } from './limits.ts';

/** 1 mWh in mW x ms. */
export const MWH = 3_600_000;

export interface Level {
  readonly powerMw: number;
  readonly voltageMv: number | null;
  readonly isEstimated: boolean;
}

/** One minute of one source while it is open: sums of integers, nothing is rounded before its end. */
export class OpenMinute {
  readonly startMs: number;
  #areaMwMs = 0;
  #coveredMs = 0;
  #minMw = Number.POSITIVE_INFINITY;
  #maxMw = Number.NEGATIVE_INFINITY;
  #samples = 0;
  #voltMvMs = 0;
  #voltMs = 0;
  #interactiveMwMs = 0;
  #isEstimated = false;
  /** Beyond the area: what a counter said, less what power had booked. */
  #wholeMwh = 0;
  #lessMwMs = 0;
  #lastVoltageMv: number | null = null;

  constructor(startMs: number) {
    this.startMs = startMs;
  }

  get isEmpty(): boolean {
    return this.#samples === 0 && this.#coveredMs === 0;
  }

  heard(level: Level): void {
    this.#samples += 1;
    this.#see(level);
  }

  /** Returns the energy, in mW x ms. */
  held(level: Level, forMs: number, interactiveMw: number): number {
    const areaMwMs = level.powerMw * forMs;
    this.#see(level);
    this.#areaMwMs += areaMwMs;
    this.#coveredMs += forMs;
    this.#interactiveMwMs += interactiveMw * forMs;
    if (level.voltageMv !== null) {
      this.#voltMvMs += level.voltageMv * forMs;
      this.#voltMs += forMs;
    }
    return areaMwMs;
  }

  corrected(riseMwh: number, bookedMwMs: number): void {
    this.#wholeMwh += riseMwh;
    this.#lessMwMs += bookedMwMs;
  }

  #see({ powerMw, voltageMv, isEstimated }: Level): void {
    this.#minMw = Math.min(this.#minMw, powerMw);
    this.#maxMw = Math.max(this.#maxMw, powerMw);
    this.#isEstimated ||= isEstimated;
    this.#lastVoltageMv = voltageMv;
  }

  /** The row, and what of its energy is less than a milliwatt-hour: for the next one. Only the house has two parts. */
  close(source: string, restMwMs: number, isClockSure: boolean): { row: PowerRow; restMwMs: number } {
    const areaMwMs = this.#areaMwMs - this.#lessMwMs + restMwMs;
    const mwh = Math.floor(areaMwMs / MWH);
    // Heard in its very last moment: the sample stands for it.
    const avgMw = this.#coveredMs === 0 ? this.#maxMw : whole(this.#areaMwMs / this.#coveredMs);
    const row = {
      source,
      startMs: this.startMs,
      avgMw,
      minMw: this.#minMw,
      maxMw: this.#maxMw,
      energyMwh: this.#wholeMwh + mwh,
      voltageMv: this.#voltMs === 0 ? this.#lastVoltageMv : whole(this.#voltMvMs / this.#voltMs),
      coveredMs: Math.min(MINUTE_MS, this.#coveredMs),
      samples: this.#samples,
      isEstimated: this.#isEstimated,
      ...this.#parts(source, avgMw),
      isClockSure,
    };
    return { row, restMwMs: areaMwMs - mwh * MWH };
  }

  #parts(source: string, avgMw: number): Pick<PowerRow, 'interactiveMw' | 'backgroundMw'> {
    if (source !== 'house' || this.#coveredMs === 0) return { interactiveMw: null, backgroundMw: null };
    const interactiveMw = whole(this.#interactiveMwMs / this.#coveredMs);
    return { interactiveMw, backgroundMw: this.#isEstimated ? null : Math.max(0, avgMw - interactiveMw) };
  }
}
