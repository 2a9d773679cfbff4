import type { Clock } from '../../../relay-drivers/clock.ts';
import { BROKER_LIMITS } from '../limits.ts';

export type RefusalKind =
  /** No or wrong name and password, or too many tries. */
  | 'login'
  /** A topic that the user may not publish to: dropped, and acknowledged as MQTT demands. */
  | 'publish'
  | 'subscribe'
  /** Not MQTT, or not as the specification says: the connection is cut. */
  | 'malformed'
  /** A bound of BROKER_LIMITS. */
  | 'limit';

/** Something was refused. Never holds a secret or a payload. */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly reason: string;
  /** Only of those who have logged in: what strangers call themselves is not logged. */
  readonly user: string | null;
  readonly address: string;
  readonly topic?: string;
  /** Refusals that were not told since the one before, because they were too many. */
  readonly untold: number;
}

/** Tells refusals, but not a flood of them. */
export class Refusals {
  readonly #clock: Clock;
  readonly #tell: (refusal: Refusal) => void;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #told = 0;
  #untold = 0;
  /** All there were, told or not. */
  readonly counts: Record<RefusalKind, number> = { login: 0, publish: 0, subscribe: 0, malformed: 0, limit: 0 };

  constructor(clock: Clock, tell: (refusal: Refusal) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  note(refusal: Omit<Refusal, 'untold'>): void {
    this.counts[refusal.kind] += 1;
    if (this.#isTooMany()) {
      this.#untold += 1;
      return;
    }
    this.#told += 1;
    const untold = this.#untold;
    this.#untold = 0;
    this.#tell({ ...refusal, untold });
  }

  #isTooMany(): boolean {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#sinceMs >= BROKER_LIMITS.refusalsWindowMs) {
      this.#sinceMs = nowMs;
      this.#told = 0;
    }
    return this.#told >= BROKER_LIMITS.refusalsTold;
  }
}
