import type { Event } from '../events.ts';
import type { State } from '../state.ts';
import { forgetKey, forgetOldKeys, keepGrant, keepWait } from './kept.ts';
import { LOCK_LIMITS, type LockDelay, type LockHolder, type LockRow } from './model.ts';
import { addWaiter, dropWaiter, endHolder, putRow, putWaiter, rowOf } from './table.ts';

export type LockEvent = Extract<Event, { kind: `lock_${string}` }>;

/** Replays one event of the lock service. */
export function applyLock(state: State, event: LockEvent): void {
  switch (event.kind) {
    case 'lock_queued':
      putWaiter(state, event.waiter);
      return keepWait(state, event);
    case 'lock_wait_ended':
      return waitEnded(state, event.waiter);
    case 'lock_acquired':
      return acquired(state, event);
    case 'lock_confirmed':
      return confirmed(state, event);
    case 'lock_renewed':
      return change(state, event, (holder) => renewed(holder, event));
    case 'lock_downgraded':
      return downgraded(state, event);
    case 'lock_released':
      return endHolder(state, rowOf(state, event.resource), event.token, 'released', {});
    case 'lock_expired':
      return ended(state, event, event.token, 'expired');
    case 'lock_forced':
      for (const token of event.tokens) ended(state, event, token, 'forced');
      return;
    case 'lock_delay_over':
      return putRow(state, { ...rowOf(state, event.resource), delay: null });
  }
}

function renewed(holder: LockHolder, event: LockEvent & { kind: 'lock_renewed' }): LockHolder {
  const { ttlMs, deadlineUpMs, upMs: heardUpMs } = event;
  return { ...holder, ttlMs, deadlineUpMs, heardUpMs };
}

/** It came to nothing: its key is free to ask again. */
function waitEnded(state: State, id: string): void {
  const keptId = state.lockWaiters.get(id)?.keptId ?? null;
  dropWaiter(state, id);
  forgetKey(state, keptId);
}

function acquired(state: State, event: LockEvent & { kind: 'lock_acquired' }): void {
  const { grants, wish, who, upMs, wallMs, waiter } = event;
  if (who === null) return;
  if (waiter !== null) dropWaiter(state, waiter);
  for (const { resource, token } of grants) {
    const row = rowOf(state, resource);
    const holder: LockHolder = {
      token,
      mode: wish.mode,
      principal: who.principal,
      name: who.name,
      ttlMs: wish.ttlMs,
      deadlineUpMs: wish.ttlMs === null ? null : upMs + wish.ttlMs,
      sinceUpMs: upMs,
      heardUpMs: upMs,
      sinceWallMs: wallMs,
      delayMs: wish.delayMs,
      maxHoldMs: wish.maxHoldMs,
      metadata: wish.metadata,
      isLockout: wish.isLockout,
      isPending: event.pending !== null,
      keptId: event.keptId,
    };
    putRow(state, {
      ...row,
      token,
      holders: [...row.holders, holder],
      delay: wish.mode === 'shared' ? row.delay : null,
    });
  }
  if (event.pending !== null) addWaiter(state, event.pending);
  forgetOldKeys(state, upMs);
  keepGrant(state, event);
}

function confirmed(state: State, event: LockEvent & { kind: 'lock_confirmed' }): void {
  if (event.waiter !== null) dropWaiter(state, event.waiter);
  change(state, event, (holder) => ({ ...holder, isPending: false }));
}

type OfHolder = { readonly resource: string; readonly token: number };

function change(state: State, { resource, token }: OfHolder, next: (holder: LockHolder) => LockHolder): void {
  const row = rowOf(state, resource);
  putRow(state, { ...row, holders: row.holders.map((holder) => (holder.token === token ? next(holder) : holder)) });
}

/** It keeps its deadline; others that share may be told apart from what it did alone. */
function downgraded(state: State, event: LockEvent & { kind: 'lock_downgraded' }): void {
  const { next: token } = event;
  change(state, event, (holder) => ({ ...holder, mode: 'shared', token }));
  putRow(state, { ...rowOf(state, event.resource), token });
}

/** The token is burned, so that whoever comes next has one beyond it (Consul's LockIndex). */
function ended(
  state: State,
  { resource, delayUntilUpMs }: { resource: string; delayUntilUpMs: number | null },
  token: number,
  how: 'expired' | 'forced',
): void {
  const row = rowOf(state, resource);
  const delay = delayUntilUpMs === null ? row.delay : delayed(row.delay, token, delayUntilUpMs);
  endHolder(state, row, token, how, { token: row.token + 1, delay });
}

/** Several that shared may have ended: commands of each may be under way. */
function delayed(before: LockDelay | null, token: number, untilUpMs: number): LockDelay {
  const tokens = [...(before?.tokens ?? []), token];
  return { tokens, untilUpMs: Math.max(before?.untilUpMs ?? 0, untilUpMs) };
}

/**
 * A start: nobody is connected any more, so nobody waits. Live locks come back with their full TTL from now; what
 * restarts add up to is bounded, and no lock ends earlier than it would have (etcd #9888).
 */
export function restartLocks(state: State, upMs: number): void {
  for (const { id } of [...state.lockWaiters.values()]) waitEnded(state, id);
  for (const row of [...state.locks.values()]) putRow(state, restarted(row, upMs));
}

function restarted(row: LockRow, upMs: number): LockRow {
  const holders = row.holders.filter(({ isPending }) => !isPending).map((holder) => extended(holder, upMs));
  return { ...row, token: row.token + 1, holders, waiters: [], delay: null };
}

function extended(holder: LockHolder, upMs: number): LockHolder {
  if (holder.deadlineUpMs === null || holder.ttlMs === null) return holder;
  const { maxHoldMs, sinceUpMs, heardUpMs } = holder;
  const longestUpMs = maxHoldMs === null ? heardUpMs + LOCK_LIMITS.maxHoldMs : sinceUpMs + maxHoldMs;
  return { ...holder, deadlineUpMs: Math.max(holder.deadlineUpMs, Math.min(upMs + holder.ttlMs, longestUpMs)) };
}
