import type { Clock } from '../../../relay-drivers/clock.ts';
import { BROKER_LIMITS } from '../limits.ts';

interface Failures {
  readonly sinceMs: number;
  readonly count: number;
  readonly blockedUntilMs: number;
}

/** Failed logins per address: ten in a minute, and nobody is heard from there for a minute. Forgets the oldest address. */
export class FailedLogins {
  readonly #clock: Clock;
  readonly #byAddress = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isBlocked(address: string): boolean {
    return (this.#byAddress.get(address)?.blockedUntilMs ?? 0) > this.#clock.nowMs();
  }

  failed(address: string): void {
    const nowMs = this.#clock.nowMs();
    const { sinceMs, count } = this.#recent(address, nowMs);
    const isTooMany = count + 1 >= BROKER_LIMITS.failedLogins;
    const blockedUntilMs = isTooMany ? nowMs + BROKER_LIMITS.failedLoginsWindowMs : 0;
    this.#byAddress.delete(address);
    this.#byAddress.set(address, { sinceMs, count: count + 1, blockedUntilMs });
    const oldest = this.#byAddress.keys().next().value;
    if (this.#byAddress.size > BROKER_LIMITS.addressesWatched && oldest !== undefined) this.#byAddress.delete(oldest);
  }

  #recent(address: string, nowMs: number): Failures {
    const failures = this.#byAddress.get(address);
    const isRecent = failures !== undefined && nowMs - failures.sinceMs < BROKER_LIMITS.failedLoginsWindowMs;
    return isRecent ? failures : { sinceMs: nowMs, count: 0, blockedUntilMs: 0 };
  }
}
