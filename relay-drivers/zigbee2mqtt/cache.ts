/**
 * Which states of a device are its own words. A bridge that starts says `online`, and then publishes the states that it
 * remembers from its last run, which may be false by now (wire-formats C5; in the source the order is connect,
 * extensions, cached states). A state counts after it was asked for, and never the first one of a run: that may be the
 * remembered one. By the second the bridge has either read the device or repeats what it has just read from it. Of
 * several relays it reads one after the other, and repeats what it remembers of the rest: then as many are passed over.
 */
export class CachedStates {
  readonly #relays: number;
  #isAsked = false;
  #heard = 0;

  constructor(relays: number) {
    this.#relays = relays;
  }

  /** The bridge started, or may have. */
  restarted(): void {
    this.#isAsked = false;
    this.#heard = 0;
  }

  /** How often to ask: where nothing was cached, the answers to the first question are those that are passed over. */
  asked(): 1 | 2 {
    this.#isAsked = true;
    return this.#isPast ? 1 : 2;
  }

  /** A state was published: does it count? */
  isTrue(): boolean {
    const isTrue = this.#isAsked && this.#isPast;
    this.#heard = Math.min(this.#heard + 1, this.#relays);
    return isTrue;
  }

  get #isPast(): boolean {
    return this.#heard >= this.#relays;
  }
}

/**
 * Every message has all that the bridge knows, so the one that tells of a switching has the power of before it. That is
 * no measurement: not while it stands unchanged, until the device is asked again.
 */
export class CachedPower {
  #isOn: boolean | null = null;
  #powerMw: number | null = null;
  #isOld = false;

  asked(): void {
    this.#isOld = false;
  }

  /** Was it measured as the relay is now? */
  isOfNow(isOn: boolean | null, powerMw: number): boolean {
    const isSwitched = isOn !== null && this.#isOn !== null && isOn !== this.#isOn;
    this.#isOld = powerMw === this.#powerMw && (isSwitched || this.#isOld);
    this.#isOn = isOn ?? this.#isOn;
    this.#powerMw = powerMw;
    return !this.#isOld;
  }
}
