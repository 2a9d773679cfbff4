import { type Clock, nothingToCancel } from '../clock.ts';
import { TIMES } from './limits.ts';

export interface LifeParts {
  readonly clock: Clock;
  /** Asks whether it is there, for the `count`-th time; false where nothing makes it answer. */
  readonly knock: (count: number) => boolean;
  /** What the broker keeps of it counts from now on. */
  readonly onProven: () => void;
}

/**
 * Whether a device that cannot be asked for its states lives, so that what the broker keeps of them counts. A broker that
 * was started anew tells what it kept as it did before, also of a device that a hand has switched meanwhile, or that is
 * gone; its last will went with the old connection (S2).
 *
 * So nothing that is kept counts before the device said something live since it is open. And its first word may be the one
 * with which it comes: ESPHome announces itself, then tells its birth, then its states. What follows is given time
 * (`quietMs`), and who answers a knock is knocked at then: that answer comes behind all that it had to say before.
 */
export class Life {
  readonly #parts: LifeParts;
  #stage: 'silent' | 'spoke' | 'settled' | 'proven' = 'silent';
  #knocks = 0;
  #cancelQuiet: () => void = nothingToCancel;

  constructor(parts: LifeParts) {
    this.#parts = parts;
  }

  get isProven(): boolean {
    return this.#stage === 'proven';
  }

  /** Somebody wants to know. Lost knocks are repeated with the next reading. */
  want(): void {
    if (this.#stage === 'silent' || this.#stage === 'settled') this.#knock();
  }

  /** It said something, live. */
  heard(): void {
    if (this.#stage === 'settled') return this.#prove();
    if (this.#stage !== 'silent') return;
    this.#stage = 'spoke';
    this.#cancelQuiet = this.#parts.clock.after(TIMES.quietMs, () => this.#quietOver());
  }

  /** It is closed: whoever is there next is to say so. */
  forget(): void {
    this.#cancelQuiet();
    this.#stage = 'silent';
    this.#knocks = 0;
  }

  #quietOver(): void {
    this.#stage = 'settled';
    if (!this.#knock()) this.#prove();
  }

  #knock(): boolean {
    this.#knocks += 1;
    return this.#parts.knock(this.#knocks);
  }

  #prove(): void {
    this.#stage = 'proven';
    this.#parts.onProven();
  }
}
