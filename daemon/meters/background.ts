import { MAX_SAMPLES, OVER_PERIODS, stepUp, TIMES } from './limits.ts';
import { PeakHold } from './peak-hold.ts';
import { Steps } from './steps.ts';
import { Sustained } from './sustained.ts';

export interface BackgroundOptions {
  /** How often the meter is read. */
  readonly periodMs: number;
  /** How long a sample waits before it is judged. */
  readonly settleMs: number;
  /** More than this between two samples is a silence. */
  readonly staleAfterMs: number;
  /** What was held when the hub was last there. */
  readonly heldMw: number;
  readonly nowMs: number;
}

export interface Sample {
  readonly atMs: number;
  readonly powerMw: number;
}

export interface Judgement {
  /** The highest background that lasted for a moment, of the last quarter of an hour. */
  readonly backgroundMw: number;
  /** The lowest sample of some periods, less what was switched off meanwhile, where that is above the limit. */
  readonly overMw: number | null;
}

/**
 * What a circuit draws beyond its appliances. Pure: it is told what the appliances count and what the meter says.
 *
 * A sample may be older than a relay that went off, or younger than a relay that a hand switched on. So each is held
 * against the most that the appliances counted from before it was taken until a while after: what was switched off is
 * not taken for background, which would be held for a quarter of an hour.
 */
export class Background {
  readonly #options: BackgroundOptions;
  /** What a sample measured may be as old as this. */
  readonly #ageMs: number;
  /** So far back samples are looked at together: some periods of them. */
  readonly #windowMs: number;
  readonly #sustained = new Sustained();
  readonly #peak = new PeakHold();
  readonly #managed: Steps;
  #samples: Sample[] = [];
  #judgedAtMs: number;
  /** Stands still during a silence: a peak is held until a quarter of an hour was heard that saw less. */
  #heardMs = 0;

  constructor(options: BackgroundOptions) {
    this.#options = options;
    this.#ageMs = Math.min(2 * options.periodMs, TIMES.ageMs) + TIMES.slackMs;
    this.#windowMs = 2 * options.periodMs + TIMES.slackMs;
    this.#managed = new Steps(2 * this.#windowMs + options.settleMs);
    this.#judgedAtMs = options.nowMs;
    this.#peak.add(this.#heardMs, options.heldMw);
  }

  /** What the appliances of the circuit count from now on. */
  manages(atMs: number, managedMw: number): void {
    this.#managed.set(atMs, managedMw);
  }

  measured(sample: Sample): void {
    const beforeMs = sample.atMs - this.#windowMs - this.#options.settleMs;
    this.#samples = this.#samples.filter(({ atMs }) => atMs >= beforeMs);
    this.#samples.push(sample);
    this.#samples.splice(0, this.#samples.length - MAX_SAMPLES);
  }

  /** Called `settleMs` after the sample was taken, once for each, in their order. */
  judge({ atMs, powerMw }: Sample, limitMw: number): Judgement {
    this.#heardMs += Math.min(atMs - this.#judgedAtMs, this.#options.staleAfterMs);
    this.#judgedAtMs = atMs;
    const beyondMw = Math.max(0, powerMw - this.#managed.highestSince(atMs - this.#ageMs));
    this.#peak.add(this.#heardMs, stepUp(this.#sustained.add(atMs, beyondMw)));
    return { backgroundMw: this.#peak.highest, overMw: this.#over(atMs - this.#windowMs, limitMw) };
  }

  /** The oldest sample of the window may itself tell of a window ago: what went off since may be in all of them. */
  #over(sinceMs: number, limitMw: number): number | null {
    const samples = this.#samples.filter(({ atMs }) => atMs >= sinceMs);
    const spanMs = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
    if (spanMs < OVER_PERIODS * this.#options.periodMs) return null;
    const lowestMw = samples.reduce((lowest, { powerMw }) => Math.min(lowest, powerMw), Number.POSITIVE_INFINITY);
    const fallMw = Math.max(0, this.#managed.highestSince(sinceMs - this.#windowMs) - this.#managed.present);
    return lowestMw - fallMw > limitMw ? lowestMw - fallMw : null;
  }
}
