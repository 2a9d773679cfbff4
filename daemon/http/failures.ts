import type { Clock } from '../../relay-drivers/clock.ts';
import { HTTP_LIMITS } from './limits.ts';

interface Failures {
  readonly sinceMs: number;
  readonly count: number;
}

/** Failed logins per address. Bounded: the address that was heard of longest ago is forgotten first. */
export class FailedLogins {
  readonly #clock: Clock;
  readonly #byAddress = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until this address may try again; 0: now. */
  blockedMs(address: string): number {
    const failures = this.#recent(address);
    if (failures === null || failures.count < HTTP_LIMITS.failedLogins) return 0;
    return failures.sinceMs + HTTP_LIMITS.failedLoginsWindowMs - this.#clock.nowMs();
  }

  failed(address: string): void {
    const failures = this.#recent(address) ?? { sinceMs: this.#clock.nowMs(), count: 0 };
    this.#byAddress.delete(address);
    this.#byAddress.set(address, { ...failures, count: failures.count + 1 });
    const oldest = this.#byAddress.keys().next().value;
    if (this.#byAddress.size > HTTP_LIMITS.addressesWatched && oldest !== undefined) this.#byAddress.delete(oldest);
  }

  #recent(address: string): Failures | null {
    const failures = this.#byAddress.get(address);
    if (failures === undefined) return null;
    return this.#clock.nowMs() - failures.sinceMs < HTTP_LIMITS.failedLoginsWindowMs ? failures : null;
  }
}
