import type { State } from '../state.ts';
import type { LockEnd, LockHolder, LockRow, LockWaiter } from './model.ts';

/** The rows of the lock table and what is counted beside them. All changes of a row go through `putRow`. */

export function rowOf(state: State, resource: string): LockRow {
  return state.locks.get(resource) ?? { resource, token: 0, holders: [], waiters: [], delay: null };
}

export function putRow(state: State, row: LockRow): void {
  const before = state.locks.get(row.resource);
  if (before === undefined) state.lockRows += 1;
  for (const { principal } of before?.holders ?? []) count(state, principal, -1);
  for (const { principal } of row.holders) count(state, principal, 1);
  state.locks.set(row.resource, row);
  const isOpen = row.delay !== null || row.holders.some(({ isPending }) => isPending);
  if (isOpen) state.openLocks.set(row.resource, row.resource);
  else state.openLocks.delete(row.resource);
}

function count(state: State, principal: string, by: number): void {
  const next = (state.lockCounts.get(principal) ?? 0) + by;
  if (next > 0) state.lockCounts.set(principal, next);
  else state.lockCounts.delete(principal);
}

/** Its place in the rows stands already, or comes after. */
export function addWaiter(state: State, waiter: LockWaiter): void {
  state.lockWaiters.set(waiter.id, waiter);
  count(state, waitsOf(waiter), 1);
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
  count(state, waitsOf(waiter), -1);
  if (waiter.pending !== null) return;
  for (const resource of waiter.wish.resources) {
    const row = rowOf(state, resource);
    putRow(state, { ...row, waiters: row.waiters.filter((other) => other !== id) });
  }
}

function waitsOf({ who }: LockWaiter): string {
  return `waits ${who.principal}`;
}

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

/** The holder goes; what is kept for its key tells from now on how it ended. */
export function endHolder(state: State, row: LockRow, token: number, how: LockEnd, change: Partial<LockRow>): void {
  const holder = row.holders.find((other) => other.token === token);
  const kept = holder?.keptId == null ? undefined : state.lockKept.get(holder.keptId);
  if (kept !== undefined) state.lockKept.set(kept.id, { ...kept, ended: how });
  putRow(state, { ...row, holders: row.holders.filter((other) => other.token !== token), ...change });
}
