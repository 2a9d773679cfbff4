import type { Clock } from '../clock.ts';
import type { Outgoing } from './protocol.ts';

/** One after the other: a house full of devices is asked within seconds, and a stranger who makes them up sends no flood. */
const EVERY_MS = 50;
const MAX_WAITING = 500;
const WILDCARD = /[+#\0]/;

/** Sends questions of finders, so many in a second and not more. */
export class AskPace {
  readonly #clock: Clock;
  readonly #send: (outgoing: Outgoing) => void;
  /** By topic and payload: what waits already is not asked twice. */
  readonly #waiting = new Map<string, Outgoing>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, send: (outgoing: Outgoing) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  add(outgoing: Outgoing): void {
    const { topic, payload } = outgoing;
    if (topic === '' || WILDCARD.test(topic) || this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.set(JSON.stringify([topic, payload]), outgoing);
    this.#cancel ??= this.#clock.after(EVERY_MS, () => this.#next());
  }

  clear(): void {
    this.#waiting.clear();
    this.#cancel?.();
    this.#cancel = null;
  }

  #next(): void {
    this.#cancel = null;
    for (const [key, outgoing] of this.#waiting) {
      this.#waiting.delete(key);
      this.#cancel = this.#clock.after(EVERY_MS, () => this.#next());
      return this.#send(outgoing);
    }
  }
}
