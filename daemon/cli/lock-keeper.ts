import type { Clock } from '../../relay-drivers/clock.ts';
import { wordsOf } from './errors.ts';
import { Unreached } from './lock-link.ts';
import type { Held } from './lock-verbs.ts';

interface Parts {
  readonly clock: Clock;
  /** Rejects with Unreached where it may be tried again, with anything else when the lease is lost. */
  readonly renew: (held: Held, patienceMs: number) => Promise<Held>;
  readonly held: Held;
}

const DUE_SHARE = 1 / 3;
const AGAIN_SHARE = 1 / 10;
const AGAIN_MAX_MS = 1000;

/**
 * Keeps a lease alive: asks at a third of its TTL. It is lost when the hub says so, or when no answer came until the
 * moment at which it may have ended; the client's clock is monotonic, like the hub's.
 */
export class LeaseKeeper {
  /** Why it is lost. Never settles when the keeper is closed before. */
  readonly lost: Promise<string>;
  readonly #parts: Parts;
  #lose: (why: string) => void = () => undefined;
  #held: Held;
  #trouble: string | null = null;
  #isOver = false;
  #cancelNext: () => void = () => undefined;
  #cancelEnd: () => void = () => undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#held = parts.held;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    this.#follow(parts.held);
  }

  close(): void {
    this.#isOver = true;
    this.#cancelNext();
    this.#cancelEnd();
  }

  #follow(held: Held): void {
    const { clock } = this.#parts;
    this.#held = held;
    this.#trouble = null;
    this.#cancelEnd();
    this.#cancelEnd = clock.after(held.untilMs - clock.nowMs(), () => this.#end(this.#tooLate()));
    this.#next(held.askedMs + dueMs(held) - clock.nowMs());
  }

  #next(delayMs: number): void {
    this.#cancelNext = this.#parts.clock.after(Math.max(0, delayMs), () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const held = this.#held;
    try {
      // One that gets no answer is given up when the next one would be due: there is time for another.
      const next = await this.#parts.renew(held, dueMs(held));
      if (!this.#isOver) this.#follow(next);
    } catch (error) {
      if (this.#isOver) return;
      if (!(error instanceof Unreached)) return this.#end(wordsOf(error));
      this.#trouble = error.message;
      this.#next(Math.min(AGAIN_MAX_MS, (held.ttlMs ?? 0) * AGAIN_SHARE));
    }
  }

  #tooLate(): string {
    return `it could not be renewed in time (${this.#trouble ?? 'this program did not run'})`;
  }

  #end(why: string): void {
    if (this.#isOver) return;
    this.close();
    this.#lose(why);
  }
}

/** So long after it was asked for, a lease is to be renewed. A lockout never is. */
export function dueMs({ ttlMs }: Held): number {
  return ttlMs === null ? Number.POSITIVE_INFINITY : ttlMs * DUE_SHARE;
}
