import { createHash } from 'node:crypto';
import type { Answer, LockOutcome } from '../core/inputs.ts';
import { showOutcome } from '../core/locks/describe.ts';
import type { LockWish } from '../core/locks/model.ts';
import type { Who } from '../core/model.ts';
import type { LockView } from '../core/views.ts';
import { accepted } from './answers.ts';
import { HTTP_LIMITS } from './limits.ts';
import { type Acquire, LockWaits } from './lock-waits.ts';
import type { HubPort } from './port.ts';
import { Problem } from './problems.ts';
import { isLockout, type LockTerms } from './wire.ts';

export interface AcquireAsked {
  readonly resources: readonly string[];
  readonly terms: LockTerms;
  readonly key: string | undefined;
  readonly who: Who;
  /** Aborted when the answer cannot reach its client any more. */
  readonly gone: AbortSignal;
  /** Over the live feed: it waits without a socket of its own. */
  readonly isLive?: boolean;
}

interface LeaseAsked {
  readonly resource: string;
  readonly who: Who;
}

type Held = LeaseAsked & { readonly fencing_token: number };
type Accepted = Answer & { ok: true };

/** The verbs of locks, as HTTP and the live feed both have them: what they ask of the hub, and its word as clients see it. */
export class LockDesk {
  readonly #hub: HubPort;
  readonly #hanging: LockWaits;
  readonly #live: LockWaits;
  readonly #onStop = new Set<() => void>();

  constructor(hub: HubPort) {
    this.#hub = hub;
    this.#hanging = new LockWaits(hub, { ofOne: HTTP_LIMITS.lockWaitsOfOne, all: HTTP_LIMITS.lockWaits });
    this.#live = new LockWaits(hub, { ofOne: HTTP_LIMITS.liveWaitsOfOne, all: HTTP_LIMITS.liveWaits });
  }

  /** `stop` is called when the hub stops, before the answers to those who wait over HTTP. Returns what ends it. */
  onStop(stop: () => void): () => void {
    this.#onStop.add(stop);
    return () => this.#onStop.delete(stop);
  }

  /** Everybody who waits is answered now. */
  stop(): void {
    for (const stop of [...this.#onStop]) stop();
    this.#hanging.stop();
    this.#live.stop();
  }

  async acquire(asked: AcquireAsked) {
    const answer = await this.#granted(asked);
    return { lock: firstOf(answer), decision: decisionOf(answer) };
  }

  async acquireAll(asked: AcquireAsked) {
    const answer = await this.#granted(asked);
    return { locks: leasesOf(answer), decision: decisionOf(answer) };
  }

  async renew({ resource, who, fencing_token: token, ttl_ms: ttlMs }: Held & { ttl_ms?: number | undefined }) {
    const answer = accepted(await this.#hub.ask({ kind: 'renew_lock', resource, token, ttlMs: ttlMs ?? null, who }));
    return { lock: firstOf(answer), decision: decisionOf(answer) };
  }

  async downgrade({ resource, who, fencing_token: token }: Held) {
    const answer = accepted(await this.#hub.ask({ kind: 'downgrade_lock', resource, token, who }));
    return { lock: firstOf(answer), decision: decisionOf(answer) };
  }

  async release({ resource, who, fencing_token: token, reason }: Held & { reason?: string | undefined }) {
    const answer = accepted(
      await this.#hub.ask({ kind: 'release_lock', resource, token, reason: reason ?? null, who }),
    );
    return { resource, already_released: !answer.changed, decision: decisionOf(answer) };
  }

  async forceRelease({ resource, who, reason }: LeaseAsked & { reason: string }) {
    const answer = accepted(await this.#hub.ask({ kind: 'force_release_lock', resource, reason, who }));
    return { resource, decision: decisionOf(answer) };
  }

  async #granted(asked: AcquireAsked): Promise<Accepted> {
    const answer = await this.#ask(asked);
    if (!answer.ok && answer.refusal.code === 'wait_timeout') throw this.#timedOut(asked, answer.refusal.detail);
    const granted = accepted(answer);
    const giveBack = () => this.#giveBack(asked, granted);
    if (asked.gone.aborted) giveBack();
    else asked.gone.addEventListener('abort', giveBack, { once: true });
    return granted;
  }

  #ask(asked: AcquireAsked): Promise<Answer> {
    const input = inputOf(asked);
    const { wait_ms: waitMs } = asked.terms;
    if (waitMs === 0 && !input.wish.isLockout) return this.#hub.ask(input);
    const waits = asked.isLive === true ? this.#live : this.#hanging;
    return waits.ask(input, waitMs, asked.gone, (late) => this.#giveBack(asked, late));
  }

  /** A grant that nobody heard of: released, unless its key lets it be asked for again. */
  #giveBack({ key, who }: AcquireAsked, answer: Answer): void {
    if (!answer.ok || key !== undefined) return;
    for (const { resource, token } of answer.locks ?? [])
      void this.#hub.ask({ kind: 'release_lock', resource, token, reason: UNDELIVERED, who });
  }

  #timedOut({ resources }: AcquireAsked, detail: string): Problem {
    const views = resources.map((resource) => this.#hub.lock(resource));
    const inTheWay = views.find(({ state }) => state === 'held') ?? views[0];
    const { resource = null, fencing_token = null, holders = [] } = inTheWay ?? {};
    return new Problem('wait_timeout', detail, {
      fields: { resource, holder: holders[0]?.holder ?? null, fencing_token },
    });
  }
}

const UNDELIVERED = 'its client was gone when it was granted';

function inputOf({ resources, terms, key, who }: AcquireAsked): Acquire {
  const kept = key === undefined ? {} : { key, hash: hashOf(resources, terms) };
  return { kind: 'acquire_lock', wish: wishOf(resources, terms), who, wait: null, ...kept };
}

function wishOf(resources: readonly string[], terms: LockTerms): LockWish {
  const { mode, ttl_ms: ttlMs, lock_delay_ms: delayMs, max_hold_ms: maxHoldMs, metadata } = terms;
  return { resources, mode, ttlMs, delayMs, maxHoldMs, metadata, isLockout: isLockout(terms) };
}

/** What an idempotency key stands for: the resources and everything that is asked of them, however it was written down. */
function hashOf(resources: readonly string[], { metadata, ...terms }: LockTerms): string {
  const sorted = (record: object) => Object.entries(record).sort(([x], [y]) => (x < y ? -1 : 1));
  const body = JSON.stringify([resources, sorted(terms), metadata === null ? null : sorted(metadata)]);
  return createHash('sha256').update(`POST\nlocks\n${body}`).digest('hex');
}

function leasesOf({ locks = [] }: Accepted): LockView[] {
  return locks.map((outcome: LockOutcome) => showOutcome(outcome));
}

function firstOf(answer: Accepted): LockView {
  const [first] = leasesOf(answer);
  if (first === undefined) throw new Error('the hub granted a lock without saying which');
  return first;
}

function decisionOf({ decision: { seq, atWallMs } }: Accepted) {
  return { seq, at: new Date(atWallMs).toISOString() };
}
