/**
 * Why something moved. `input`: the board obeyed its own input. `fault`: a weld or a jam was put in or taken away.
 * `power_up`: what a plug does by itself when its power comes back.
 */
export type TransitionCause = 'write' | 'pulse_end' | 'button' | 'input' | 'power_cut' | 'power_up' | 'fault';

/** The register is what FC01 tells; the contact is what carries the current. */
export interface Transition {
  readonly seq: number;
  /** Monotonic, on the simulator's clock. */
  readonly at_ms: number;
  readonly channel: number;
  readonly what: 'register' | 'contact';
  readonly on: boolean;
  readonly cause: TransitionCause;
}

export interface CoilTruth {
  readonly channel: number;
  /** The contact. */
  readonly closed: boolean;
  /** The monotonic moment since which it is so. */
  readonly since_ms: number;
}

export type TransitionListener = (transition: Transition) => void;

/** Enough for hours of use; the oldest go first, and `seq` shows that they went. */
const MAX_LOG = 10_000;

interface Relay {
  register: boolean;
  contact: boolean;
  sinceMs: number;
}

/** The relays themselves: what the board believes (register) and what is true (contact), kept apart. */
export class RelayBank {
  readonly channels: number;
  readonly #nowMs: () => number;
  readonly #relays: Relay[];
  readonly #log: Transition[] = [];
  readonly #listeners = new Set<TransitionListener>();
  #stuck: ReadonlySet<number> = new Set();
  #welded: ReadonlySet<number> = new Set();
  #seq = 0;

  constructor(channels: number, nowMs: () => number) {
    this.channels = channels;
    this.#nowMs = nowMs;
    this.#relays = Array.from({ length: channels }, () => ({ register: false, contact: false, sinceMs: nowMs() }));
  }

  registers(): boolean[] {
    return this.#relays.map((relay) => relay.register);
  }

  coils(): CoilTruth[] {
    return this.#relays.map(({ contact, sinceMs }, index) => ({
      channel: index + 1,
      closed: contact,
      since_ms: sinceMs,
    }));
  }

  log(): readonly Transition[] {
    return [...this.#log];
  }

  /** Called at each transition, while the board is still at it; returns what stops the calls. */
  onTransition(listener: TransitionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(channel: number, isOn: boolean, cause: TransitionCause): void {
    if (!this.#stuck.has(channel)) this.#move(channel, isOn, cause);
  }

  flip(channel: number, cause: TransitionCause): void {
    this.set(channel, !this.#relays[channel - 1]?.register, cause);
  }

  /** Nothing is energised any more: also a stuck output falls off. Only a weld holds without power. */
  loseAll(): void {
    for (let channel = 1; channel <= this.channels; channel += 1) this.#move(channel, false, 'power_cut');
  }

  /** These outputs no longer move, whatever is written. */
  stick(channels: readonly number[]): void {
    this.#stuck = new Set(channels);
  }

  /** These contacts stay closed once they are. Without the weld a contact follows its register again. */
  weld(channels: readonly number[]): void {
    this.#welded = new Set(channels);
    for (let channel = 1; channel <= this.channels; channel += 1) this.#followRegister(channel, 'fault');
  }

  #move(channel: number, isOn: boolean, cause: TransitionCause): void {
    const relay = this.#relays[channel - 1];
    if (!relay) return;
    if (relay.register !== isOn) {
      relay.register = isOn;
      this.#record(channel, 'register', isOn, cause);
    }
    this.#followRegister(channel, cause);
  }

  #followRegister(channel: number, cause: TransitionCause): void {
    const relay = this.#relays[channel - 1];
    if (!relay) return;
    const closed = relay.register || (relay.contact && this.#welded.has(channel));
    if (relay.contact === closed) return;
    relay.contact = closed;
    relay.sinceMs = this.#nowMs();
    this.#record(channel, 'contact', closed, cause);
  }

  #record(channel: number, what: Transition['what'], on: boolean, cause: TransitionCause): void {
    this.#seq += 1;
    const transition = { seq: this.#seq, at_ms: this.#nowMs(), channel, what, on, cause };
    this.#log.push(transition);
    if (this.#log.length > MAX_LOG) this.#log.shift();
    for (const listener of this.#listeners) listener(transition);
  }
}
