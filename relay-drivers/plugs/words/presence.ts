import type { PlugWord } from '../protocol.ts';

/**
 * Of a device whose last will may be kept by nobody (Shelly Gen1 by choice; a broker that lost its retained messages):
 * what it says itself, now, tells that it is there.
 */
export class Presence {
  #isOnline: boolean | null = null;

  /** It, or its will, said so. */
  told(isOnline: boolean): PlugWord[] {
    this.#isOnline = isOnline;
    return [{ kind: 'presence', isOnline }];
  }

  /** It spoke. Nothing is said where that is no news. */
  spoke(): PlugWord[] {
    return this.#isOnline === true ? [] : this.told(true);
  }
}
