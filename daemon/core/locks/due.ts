import type { Deciding } from '../decision.ts';
import type { Input } from '../inputs.ts';
import type { Appliance } from '../model.ts';
import { grantWaiting } from './grant.ts';
import { coveredBy, locksAbove, settleLockout } from './lockout.ts';
import type { LockRow, LockWaiter } from './model.ts';
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
  const holders = rowOf(d.state, resource).holders.filter(({ token }) => tokens.includes(token));
  const delayMs = Math.max(0, ...holders.map((holder) => holder.delayMs));
  const isQuiet = delayMs === 0 || !tokens.some((token) => isCommandUnderWay(d, resource, token));
  return isQuiet ? null : d.now.upMs + delayMs;
}

function isCommandUnderWay(d: Deciding, resource: string, token: number): boolean {
  return (coveredBy(d.state, resource) ?? []).some(
    (a) => !a.order.isSettled && a.order.generation > d.state.bootSeq && isUnder(d, a, resource, token),
  );
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

/** Whoever waited behind may be next. A lockout that was not confirmed in time ends: nobody was told that it is granted. */
export function endWait(
  d: Deciding,
  { id, pending, wish }: LockWaiter,
  why: 'timeout' | 'cancelled' | 'forbidden',
): void {
  d.emit({ kind: 'lock_wait_ended', waiter: id, why });
  if (pending !== null) d.emit({ kind: 'lock_released', ...pending, reason: 'not confirmed off in time' });
  grantWaiting(d, wish.resources);
}

/** After each decision: relays may have said what a lockout or a lock delay waits for. */
export function settleOpenLocks(d: Deciding): void {
  for (const resource of [...d.state.openLocks.values()]) {
    settleLockout(d, resource);
    const row = rowOf(d.state, resource);
    if (row.delay !== null && isDelayOver(d, row, row.delay)) endDelay(d, resource);
  }
}

function isDelayOver(
  d: Deciding,
  { resource }: LockRow,
  { token, untilUpMs }: { token: number; untilUpMs: number },
): boolean {
  return d.now.upMs >= untilUpMs || !isCommandUnderWay(d, resource, token);
}

function endDelay(d: Deciding, resource: string): void {
  d.emit({ kind: 'lock_delay_over', resource });
  grantWaiting(d, [resource]);
}
