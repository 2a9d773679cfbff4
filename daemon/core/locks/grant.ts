import type { Deciding } from '../decision.ts';
import type { Who } from '../model.ts';
import { beginLockout } from './lockout.ts';
import type { LockRow, LockWaiter, LockWish } from './model.ts';
import { rowOf } from './table.ts';

/** Who gets what, and in which order: strictly first in, first out; neighbours that share are granted together (Curator). */

export interface Applicant {
  /** Of the wait: its own, or that of a lockout for its OFFs. */
  readonly id: string;
  readonly wish: LockWish;
  readonly who: Who;
  readonly deadlineUpMs: number;
  readonly sinceWallMs: number;
  readonly keptId: string | null;
  readonly hash: string | null;
}

/** `isQueued`: it waited its turn. */
export function grant(d: Deciding, { hash, ...applicant }: Applicant, isQueued: boolean): void {
  const { id, wish, who, keptId } = applicant;
  const grants = wish.resources.map((resource) => ({ resource, token: rowOf(d.state, resource).token + 1 }));
  const [first = null] = grants;
  const pending = wish.isLockout ? { ...applicant, pending: first } : null;
  d.emit({ kind: 'lock_acquired', grants, wish, waiter: isQueued ? id : null, pending, keptId, hash }, who);
  if (wish.isLockout && first !== null) beginLockout(d, first.resource, who);
}

/** Nobody stands in the way: no conflicting holder, no delay. Who waits before is another question. */
export function isFree(d: Deciding, { resources, mode }: LockWish, { principal }: Who): boolean {
  return resources.every((resource) => blocker(d, rowOf(d.state, resource), mode, principal) === null);
}

/**
 * What keeps a resource from being granted in this mode; `holder` is null for a lock delay. Who asked twice before it
 * got anything gets the second when the first is over: nobody holds a lock twice.
 */
export function blocker(
  d: Deciding,
  { holders, delay }: LockRow,
  mode: LockWish['mode'],
  principal: string,
): { readonly holder: string | null } | null {
  const other = holders.find(
    (holder) => mode === 'exclusive' || holder.mode === 'exclusive' || holder.principal === principal,
  );
  if (other !== undefined) return { holder: other.name };
  const isDelayed = delay !== null && mode === 'exclusive' && d.now.upMs < delay.untilUpMs;
  return isDelayed ? { holder: null } : null;
}

/** After a resource became freer: whoever is first everywhere it waits, and is still welcome, gets what it asked for. */
export function grantWaiting(d: Deciding, resources: readonly string[]): void {
  const open = [...resources];
  for (let resource = open.pop(); resource !== undefined; resource = open.pop()) {
    const waiter = firstWaiter(d, resource);
    if (waiter === undefined) continue;
    if (!isWelcome(d, waiter)) dismiss(d, waiter);
    else if (!isNext(d, waiter) || !isFree(d, waiter.wish, waiter.who)) continue;
    else grant(d, { ...waiter, hash: null }, true);
    open.push(...waiter.wish.resources);
  }
}

function firstWaiter(d: Deciding, resource: string): LockWaiter | undefined {
  const [id] = rowOf(d.state, resource).waiters;
  return id === undefined ? undefined : d.state.lockWaiters.get(id);
}

function isNext(d: Deciding, { id, wish }: LockWaiter): boolean {
  return wish.resources.every((resource) => rowOf(d.state, resource).waiters[0] === id);
}

/** It may have waited long: past its time, or its token was revoked or ended (etcd #11456). */
function isWelcome(d: Deciding, { deadlineUpMs, who }: LockWaiter): boolean {
  return d.now.upMs < deadlineUpMs && mayStillLock(d, who);
}

/** Tokens and sessions are in the state; who comes otherwise has no token that could be revoked. */
export function mayStillLock(d: Deciding, { principal }: Who): boolean {
  const [kind, id = ''] = principal.split(':', 2);
  if (kind !== 'token' && kind !== 'session') return true;
  const token = d.state.tokens.get(id);
  return token !== undefined && (token.expiresUpMs === null || d.now.upMs < token.expiresUpMs);
}

function dismiss(d: Deciding, { id, wish: { resources }, deadlineUpMs }: LockWaiter): void {
  const why = d.now.upMs < deadlineUpMs ? 'forbidden' : 'timeout';
  d.emit({ kind: 'lock_wait_ended', waiter: id, resources, why });
}
