import { DRAWS_MW } from '../core/metered.ts';
import { STUCK_SAMPLES } from './limits.ts';
import { Sustained } from './sustained.ts';

/** Whether what is off draws all the same, by its own meter: more than a trickle, and for more than a moment. */
export class StuckContact {
  readonly #sustained = new Sustained();
  #samples = 0;

  draws(atMs: number, powerMw: number): boolean {
    if (powerMw <= DRAWS_MW) {
      this.forget();
      return false;
    }
    this.#samples += 1;
    return this.#sustained.add(atMs, powerMw) > DRAWS_MW && this.#samples >= STUCK_SAMPLES;
  }

  /** It is not off. */
  forget(): void {
    this.#samples = 0;
    this.#sustained.forget();
  }
}
