import type { Deciding } from '../decision.ts';
import type { Input } from '../inputs.ts';
import type { Appliance, Who } from '../model.ts';
import { grantWaiting } from './grant.ts';
import { locksAbove, settleLockout } from './lockout.ts';
import type { LockDelay, LockWaiter } from './model.ts';
import { isLive, rowOf } from './table.ts';

/** What time and relays end: leases, waits, lock delays, the wait of a lockout. */

/** Looked at with each use: what was asked before a deadline finds the lease alive, however long a disk took since. */
export function expireDue(d: Deciding, resources: readonly string[]): void {
  const askedUpMs = d.now.askedUpMs ?? d.now.upMs;
  for (const resource of resources)
    for (const { token } of rowOf(d.state, resource).holders.filter((holder) => !isLive(holder, askedUpMs)))
      expire(d, resource, token);
}

function expire(d: Deciding, resource: string, token: number): void {
  d.emit({ kind: 'lock_expired', resource, token, delayUntilUpMs: delayAfter(d, resource, [token]) });
  grantWaiting(d, [resource]);
}

/** Null: nothing was sent under these tokens that the next holder would have to wait for (Chubby, Consul). */
export function delayAfter(d: Deciding, resource: string, tokens: readonly number[]): number | null {
  const busy = rowOf(d.state, resource).holders.filter(
    ({ token, delayMs }) => delayMs > 0 && tokens.includes(token) && isCommandUnderWay(d, resource, token),
  );
  return busy.length === 0 ? null : d.now.upMs + Math.max(...busy.map(({ delayMs }) => delayMs));
}

/** Only few orders are under way at a time, and fewer under a token. */
function isCommandUnderWay(d: Deciding, resource: string, token: number): boolean {
  for (const id of d.state.claimed.values()) {
    const a = d.state.appliances.get(id);
    if (a !== undefined && isUnder(d, a, resource, token)) return true;
  }
  return false;
}

function isUnder(d: Deciding, a: Appliance, resource: string, token: number): boolean {
  return (a.order.asker?.claims ?? []).some(
    (claim) =>
      claim.token === token &&
      (claim.resource === resource || (claim.resource === null && locksAbove(d.state, a).includes(resource))),
  );
}

/** The timer's word. Deadlines that moved since are left alone. */
export function locksDue(d: Deciding, input: Input & { kind: 'locks_due' }): void {
  expireDue(d, input.resources);
  for (const id of input.waiters) {
    const waiter = d.state.lockWaiters.get(id);
    if (waiter !== undefined && d.now.upMs >= waiter.deadlineUpMs) endWait(d, waiter, 'timeout');
  }
}

export function cancelWait(d: Deciding, input: Input & { kind: 'cancel_wait' }): void {
  const waiter = d.state.lockWaiters.get(input.waiter);
  if (waiter !== undefined) endWait(d, waiter, 'cancelled');
}

const UNCONFIRMED = {
  timeout: 'not confirmed off in time',
  cancelled: 'whoever asked is gone',
  forbidden: 'whoever asked may not any more',
} as const;

/** Whoever waited behind may be next. A lockout that was not confirmed ends: nobody was told that it is granted. */
export function endWait(
  d: Deciding,
  { id, pending, wish }: LockWaiter,
  why: keyof typeof UNCONFIRMED,
  by: { readonly who: Who; readonly reason: string | null } | null = null,
): void {
  d.emit({ kind: 'lock_wait_ended', waiter: id, resources: wish.resources, why }, by?.who);
  const reason = by === null ? UNCONFIRMED[why] : by.reason;
  if (pending !== null) d.emit({ kind: 'lock_released', ...pending, reason }, by?.who);
  grantWaiting(d, wish.resources);
}

/** After each decision: relays may have said what a lockout or a lock delay waits for. */
export function settleOpenLocks(d: Deciding): void {
  let before = -1;
  // A lockout that is granted as a delay ends takes the orders away that other delays wait for.
  while (before !== d.events.length) {
    before = d.events.length;
    for (const resource of [...d.state.openLocks.values()]) settleOpenLock(d, resource);
  }
}

function settleOpenLock(d: Deciding, resource: string): void {
  settleLockout(d, resource);
  const { delay } = rowOf(d.state, resource);
  if (delay !== null && isDelayOver(d, resource, delay)) endDelay(d, resource);
}

function isDelayOver(d: Deciding, resource: string, { tokens, untilUpMs }: LockDelay): boolean {
  return d.now.upMs >= untilUpMs || !tokens.some((token) => isCommandUnderWay(d, resource, token));
}

function endDelay(d: Deciding, resource: string): void {
  d.emit({ kind: 'lock_delay_over', resource });
  grantWaiting(d, [resource]);
}
