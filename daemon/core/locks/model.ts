import type { Who } from '../model.ts';

export type { Asker, Claim } from '../model.ts';

/** A lease on a named resource (locks.md). Times are `upMs`: accumulated uptime that leaves out stalls of the hub. */

export type LockMode = 'exclusive' | 'shared';
export type LockMetadata = Readonly<Record<string, string | number | boolean | null>>;

/** What somebody asks for: all of the resources or none. */
export interface LockWish {
  readonly resources: readonly string[];
  readonly mode: LockMode;
  /** Null: a lockout, which ends only by hand. */
  readonly ttlMs: number | null;
  /** After an expiry or a force-release the next exclusive grant waits so long for commands of the old token. */
  readonly delayMs: number;
  /** Bounds what restarts and renewals add up to; null: only what restarts add is bounded. */
  readonly maxHoldMs: number | null;
  readonly metadata: LockMetadata | null;
  /** Forces OFF what it covers, and is granted when that is confirmed. */
  readonly isLockout: boolean;
}

export interface LockHolder {
  /** The fencing token. */
  readonly token: number;
  readonly mode: LockMode;
  readonly principal: string;
  readonly name: string;
  readonly ttlMs: number | null;
  readonly deadlineUpMs: number | null;
  readonly sinceUpMs: number;
  /** It was acquired or renewed then: what restarts add without a word of its holder is counted from here. */
  readonly heardUpMs: number;
  readonly sinceWallMs: number;
  readonly delayMs: number;
  readonly maxHoldMs: number | null;
  readonly metadata: LockMetadata | null;
  readonly isLockout: boolean;
  /** A lockout whose OFF is not confirmed yet: it keeps others out, but nobody was told that it is granted. */
  readonly isPending: boolean;
  /** Of the kept answer that tells what became of it. */
  readonly keptId: string | null;
}

/** A resource that was ever locked. It is never deleted: its tokens only grow. */
export interface LockRow {
  readonly resource: string;
  /** The last token that was given, or burned by an expiry, a force-release or a start. */
  readonly token: number;
  readonly holders: readonly LockHolder[];
  /** Ids, oldest first. */
  readonly waiters: readonly string[];
  readonly delay: LockDelay | null;
}

/** Commands of these tokens may be under way still: no exclusive grant before they are over, or before that time. */
export interface LockDelay {
  readonly tokens: readonly number[];
  readonly untilUpMs: number;
}

export interface LockWaiter {
  readonly id: string;
  readonly wish: LockWish;
  readonly who: Who;
  readonly deadlineUpMs: number;
  readonly sinceWallMs: number;
  readonly keptId: string | null;
  /** A lockout that waits for OFFs, and not for others. */
  readonly pending: LockGrant | null;
}

export interface LockGrant {
  readonly resource: string;
  readonly token: number;
}

/** How a lease ended. */
export type LockEnd = 'released' | 'expired' | 'forced' | 'downgraded';

/** Null: not ended; where its token is gone all the same, it was downgraded. */
export interface LockKeptGrant extends LockGrant {
  readonly ended: LockEnd | null;
}

/** A lease that is over: who releases it once more is told so, who never had it is not. */
export interface LockEnded {
  readonly id: string;
  readonly principal: string;
}

/** What an acquire with an idempotency key came to. */
export interface LockKept {
  readonly id: string;
  readonly hash: string;
  readonly atUpMs: number;
  readonly seq: number;
  readonly wallMs: number;
  readonly wish: LockWish;
  readonly name: string;
  readonly principal: string;
  /** The wait that it stands for, while there is no grant. */
  readonly waiter: string | null;
  readonly grants: readonly LockKeptGrant[];
}

/** Why a lock stands in the way. `holder` is null where the token shown is a stale one and nobody has the lock. */
export interface LockTrouble {
  readonly resource: string;
  readonly holder: string | null;
  readonly token: number;
  /** Absent: it is held by another, or no token was shown. */
  readonly why?: 'lockout' | 'stale';
}

export const HUB_LOCK = 'hub';

export const LOCK_LIMITS = {
  ttlMinMs: 500,
  ttlMaxMs: 86_400_000,
  delayMs: 5000,
  delayMaxMs: 60_000,
  /** What restarts alone may add up to, where nothing else is said: the first one gives the longest TTL in full. */
  maxHoldMs: 2 * 86_400_000,
  /** Bounds what clients can make the hub remember for ever: a row is kept when nobody holds it. */
  rows: 50_000,
  perPrincipal: 2_000,
  /** Those that share one. */
  holdersPerResource: 1_000,
  /** In resources: a wait for three counts three. */
  waitersPerPrincipal: 1_000,
  waitersPerResource: 1_000,
  resourcesAtOnce: 32,
  waitMaxMs: 3_600_000,
  /** Twice the longest TTL (locks.md, idempotency). */
  keptMs: 2 * 86_400_000,
  kept: 20_000,
  /** Leases that are over and still known by their holder; of an older one a second release is told 409. */
  ended: 10_000,
} as const;
