import type { Event } from '../events.ts';
import { keptId, type State } from '../state.ts';
import { oldest } from '../table.ts';
import { LOCK_LIMITS, type LockKept } from './model.ts';

/** Idempotency of acquire: the first outcome of a key, with what became of it (locks.md). */

type Queued = Event & { kind: 'lock_queued' };
type Acquired = Event & { kind: 'lock_acquired' };

export function lockKeyId(principal: string, key: string): string {
  return keptId(principal, key);
}

export function keepWait(state: State, { waiter, hash, seq, upMs, wallMs }: Queued): void {
  const { keptId: id, wish, who } = waiter;
  if (id === null || hash === null) return;
  const { name, principal } = who;
  put(state, {
    id,
    hash,
    atUpMs: upMs,
    seq,
    wallMs,
    wish,
    name,
    principal,
    waiter: waiter.id,
    grants: [],
  });
}

export function keepGrant(state: State, event: Acquired): void {
  const { keptId: id, who, grants, wish, seq, upMs, wallMs } = event;
  if (id === null || who === null) return;
  const hash = event.hash ?? state.lockKept.get(id)?.hash;
  if (hash === undefined) return;
  const { name, principal } = who;
  const waiter = event.pending?.id ?? null;
  const open = grants.map((grant) => ({ ...grant, ended: null }));
  put(state, { id, hash, atUpMs: upMs, seq, wallMs, wish, name, principal, waiter, grants: open });
}

function put(state: State, kept: LockKept): void {
  if (state.lockKept.get(kept.id) === undefined) state.lockKeptCount += 1;
  else state.lockKept.delete(kept.id);
  state.lockKept.set(kept.id, kept);
}

/** A wait that came to nothing is asked for anew. */
export function forgetKey(state: State, id: string | null): void {
  if (id === null || state.lockKept.get(id) === undefined) return;
  state.lockKept.delete(id);
  state.lockKeptCount -= 1;
}

export function forgetOldKeys(state: State, upMs: number): void {
  for (let first = oldest(state.lockKept); first !== undefined; first = oldest(state.lockKept)) {
    if (upMs - first.atUpMs < LOCK_LIMITS.keptMs) return;
    forgetKey(state, first.id);
  }
}
