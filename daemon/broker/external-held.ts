import type { Clock } from '../../relay-drivers/clock.ts';
import { EXTERNAL_LIMITS } from './external-limits.ts';

interface Command {
  readonly topic: string;
  readonly payload: string;
}

export interface HeldParts {
  readonly clock: Clock;
  /** The broker answers it when it has read all that was written before. */
  readonly ping: () => void;
  readonly publish: (topic: string, payload: string) => void;
}

/**
 * Commands wait for a sign of life of the broker, one round trip. One that hangs has a kernel that takes all the same,
 * and would pass them on when it goes on: a relay switching late (S11). No sign: they are dropped, as any message of
 * QoS 0 may be, and whoever still wants them says so again.
 */
export class HeldCommands {
  readonly #parts: HeldParts;
  #waiting: Command[] = [];
  #cancel: () => void = () => undefined;

  constructor(parts: HeldParts) {
    this.#parts = parts;
  }

  /** False: too many wait. */
  add(topic: string, payload: string): boolean {
    if (this.#waiting.length >= EXTERNAL_LIMITS.heldCommands) return false;
    this.#waiting.push({ topic, payload });
    if (this.#waiting.length > 1) return true;
    this.#cancel = this.#parts.clock.after(EXTERNAL_LIMITS.heldMs, () => this.drop());
    this.#parts.ping();
    return true;
  }

  /** The broker answered a ping. */
  answered(): void {
    const waiting = this.#waiting;
    this.drop();
    for (const { topic, payload } of waiting) this.#parts.publish(topic, payload);
  }

  drop(): void {
    this.#cancel();
    this.#waiting = [];
  }
}
