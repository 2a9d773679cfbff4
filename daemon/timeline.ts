import type { Clock } from '../relay-drivers/clock.ts';
import type { Now } from './core/model.ts';

/** Looked at so often. */
const TICK_MS = 100;
/**
 * A longer gap is a stall, and counts no more than this: well below the shortest TTL, of which a holder that renews in
 * time has half left. A loop that is merely busy is counted in full; where its turns are longer, leases are, too.
 */
const STALL_MS = 200;

/**
 * Accumulated uptime: continues where the ledger ended, so that retention and expiry are counted while the hub runs
 * and no wall clock can jump them (S12).
 */
export function timeline(clock: Clock, lastUpMs: number): () => Now {
  const startMs = clock.nowMs();
  return () => ({ upMs: lastUpMs + 1 + Math.floor(clock.nowMs() - startMs), wallMs: clock.wallMs() });
}

/**
 * The same for a hub that lives long and holds leases: time in which it stood still hardly counts. Who renews a lease
 * then finds it alive, whatever is read first afterwards (locks.md).
 */
export class Timeline {
  readonly #clock: Clock;
  #upMs: number;
  #seenMs: number;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, lastUpMs: number) {
    this.#clock = clock;
    this.#upMs = lastUpMs + 1;
    this.#seenMs = clock.nowMs();
    this.#tick();
  }

  now(): Now {
    const nowMs = this.#clock.nowMs();
    this.#upMs += Math.min(nowMs - this.#seenMs, STALL_MS);
    this.#seenMs = nowMs;
    return { upMs: Math.floor(this.#upMs), wallMs: this.#clock.wallMs() };
  }

  close(): void {
    this.#cancel();
  }

  #tick(): void {
    this.#cancel = this.#clock.after(TICK_MS, () => this.#tick());
    this.now();
  }
}
