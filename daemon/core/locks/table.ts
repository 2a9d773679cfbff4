import type { State } from '../state.ts';
import { oldest } from '../table.ts';
import { LOCK_LIMITS, type LockEnd, type LockHolder, type LockRow, type LockWaiter } from './model.ts';

/** The rows of the lock table and what is counted beside them. All changes of a row go through `putRow`. */

export function rowOf(state: State, resource: string): LockRow {
  return state.locks.get(resource) ?? { resource, token: state.tokenFloor, holders: [], waiters: [], delay: null };
}

export function putRow(state: State, row: LockRow): void {
  const before = state.locks.get(row.resource);
  if (before === undefined) state.lockRows += 1;
  countHolders(state, before?.holders ?? [], row.holders);
  state.locks.set(row.resource, row);
  const isOpen = row.delay !== null || row.holders.some(({ isPending }) => isPending);
  if (isOpen) state.openLocks.set(row.resource, row.resource);
  else state.openLocks.delete(row.resource);
}

/** Those who stayed as they were are not counted anew: a thousand may share one lock. */
function countHolders(state: State, before: readonly LockHolder[], now: readonly LockHolder[]): void {
  if (before === now) return;
  const gone = new Set(before);
  for (const holder of now) if (!gone.delete(holder)) count(state, holder.principal, 1);
  for (const { principal } of gone) count(state, principal, -1);
}

function count(state: State, principal: string, by: number): void {
  const next = (state.lockCounts.get(principal) ?? 0) + by;
  if (next > 0) state.lockCounts.set(principal, next);
  else state.lockCounts.delete(principal);
}

/** Its place in the rows stands already, or comes after. */
export function addWaiter(state: State, waiter: LockWaiter): void {
  state.lockWaiters.set(waiter.id, waiter);
  count(state, waitsOf(waiter), waiter.wish.resources.length);
}

export function putWaiter(state: State, waiter: LockWaiter): void {
  addWaiter(state, waiter);
  if (waiter.pending !== null) return;
  for (const resource of waiter.wish.resources) {
    const row = rowOf(state, resource);
    putRow(state, { ...row, waiters: [...row.waiters, waiter.id] });
  }
}

export function dropWaiter(state: State, id: string): void {
  const waiter = state.lockWaiters.get(id);
  if (waiter === undefined) return;
  state.lockWaiters.delete(id);
  count(state, waitsOf(waiter), -waiter.wish.resources.length);
  if (waiter.pending !== null) return;
  for (const resource of waiter.wish.resources) {
    const row = rowOf(state, resource);
    putRow(state, { ...row, waiters: row.waiters.filter((other) => other !== id) });
  }
}

function waitsOf({ who }: LockWaiter): string {
  return `waits ${who.principal}`;
}

/** How many resources it waits for. */
export function waitsBy(state: State, principal: string): number {
  return state.lockCounts.get(`waits ${principal}`) ?? 0;
}

export function heldBy(state: State, principal: string): number {
  return state.lockCounts.get(principal) ?? 0;
}

export function holderOf(state: State, resource: string, token: number): LockHolder | undefined {
  return state.locks.get(resource)?.holders.find((holder) => holder.token === token);
}

/** TTL is a lower bound: it has ended when the deadline is reached, not before. */
export function isLive({ deadlineUpMs }: LockHolder, upMs: number): boolean {
  return deadlineUpMs === null || upMs < deadlineUpMs;
}

/** Whether a lease runs that time ends. */
export function isAnyTimed(state: State): boolean {
  for (const { holders } of state.locks.values())
    if (holders.some(({ deadlineUpMs }) => deadlineUpMs !== null)) return true;
  return false;
}

/** The holder goes; what is kept for its key tells from now on how it ended. */
export function endHolder(state: State, row: LockRow, token: number, how: LockEnd, change: Partial<LockRow>): void {
  const holder = row.holders.find((other) => other.token === token);
  if (holder !== undefined) {
    keepEnd(state, holder, row.resource, how);
    noteEnded(state, row.resource, holder);
  }
  putRow(state, { ...row, holders: row.holders.filter((other) => other.token !== token), ...change });
}

function noteEnded(state: State, resource: string, { token, principal }: LockHolder): void {
  const id = endedId(resource, token);
  state.lockEnded.set(id, { id, principal });
  state.lockEndedCount += 1;
  const first = state.lockEndedCount > LOCK_LIMITS.ended ? oldest(state.lockEnded) : undefined;
  if (first === undefined) return;
  state.lockEnded.delete(first.id);
  state.lockEndedCount -= 1;
}

/** Whose lease it was, as far as that is still known. */
export function endedHolder(state: State, resource: string, token: number): string | null {
  return state.lockEnded.get(endedId(resource, token))?.principal ?? null;
}

function endedId(resource: string, token: number): string {
  return `${token} ${resource}`;
}

/** Of a key whose request was for several resources, each ends by itself. A key may be kept for a later grant by now. */
function keepEnd(state: State, { keptId, sinceUpMs }: LockHolder, resource: string, ended: LockEnd): void {
  const kept = keptId === null ? undefined : state.lockKept.get(keptId);
  if (kept === undefined || kept.atUpMs !== sinceUpMs) return;
  const grants = kept.grants.map((grant) => (grant.resource === resource ? { ...grant, ended } : grant));
  state.lockKept.set(kept.id, { ...kept, grants });
}
