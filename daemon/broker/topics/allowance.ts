import type { Clock } from '../../../relay-drivers/clock.ts';
import { TOPIC_LIMITS } from './limits.ts';

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** How much each client may still ask: a bucket of tokens that fills by and by. */
export class Allowance {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perS: number;
  /** Longest silent first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, burst: number, perS: number) {
    this.#clock = clock;
    this.#burst = burst;
    this.#perS = perS;
  }

  /** 0: taken. Otherwise how long until there is one again. */
  take(client: string): number {
    const nowMs = this.#clock.nowMs();
    const tokens = this.#tokens(client, nowMs);
    const isTaken = tokens >= 1;
    this.#buckets.delete(client);
    this.#buckets.set(client, { tokens: isTaken ? tokens - 1 : tokens, atMs: nowMs });
    this.#forget();
    return isTaken ? 0 : Math.ceil(((1 - tokens) / this.#perS) * 1000);
  }

  #tokens(client: string, nowMs: number): number {
    const bucket = this.#buckets.get(client);
    if (bucket === undefined) return this.#burst;
    return Math.min(this.#burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * this.#perS);
  }

  #forget(): void {
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > TOPIC_LIMITS.clients && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
