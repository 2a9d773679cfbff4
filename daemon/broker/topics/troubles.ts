import type { Clock } from '../../../relay-drivers/clock.ts';
import { TOPIC_LIMITS } from './limits.ts';

/** What goes wrong, for the log; the same thing once in a minute, however often somebody makes it happen. */
export class Troubles {
  readonly #clock: Clock;
  readonly #tell: (what: string, error: unknown) => void;
  readonly #toldMs = new Map<string, number>();

  constructor(clock: Clock, tell: (what: string, error: unknown) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** `kind` says what is the same thing. */
  tell(kind: string, what: string, error: unknown = null): void {
    const nowMs = this.#clock.nowMs();
    const toldMs = this.#toldMs.get(kind);
    if (toldMs !== undefined && nowMs - toldMs < TOPIC_LIMITS.troubleEveryMs) return;
    this.#toldMs.set(kind, nowMs);
    this.#tell(what, error);
  }
}
