import type { Event } from '../events.ts';
import type { LockOutcome } from '../inputs.ts';
import type { Now } from '../model.ts';
import type { State } from '../state.ts';
import type { LockChangeView, LockView, LockWaiterView, ResourceView } from '../views.ts';
import type { LockGrant, LockHolder, LockRow, LockWaiter } from './model.ts';
import { rowOf } from './table.ts';

/** Locks as clients see them. */

/** Of the holders and waiters of a resource, in lists and events: a thousand of them would be told with each event. */
const SHOWN_AT_MOST = 20;

interface Moment {
  readonly state: State;
  readonly now: Now;
}

export function showResource(at: Moment, resource: string, shownAtMost = Number.POSITIVE_INFINITY): ResourceView {
  const { token, holders, waiters } = rowOf(at.state, resource);
  return {
    resource,
    state: holders.length === 0 ? 'free' : 'held',
    fencing_token: token,
    holding: holders.length,
    waiting: waiters.length,
    holders: holders.slice(0, shownAtMost).map((holder) => showHolder(at, resource, holder)),
    waiters: waiters.slice(0, shownAtMost).flatMap((id) => showWaiter(at, at.state.lockWaiters.get(id))),
  };
}

/** All that are held or waited for; a name that was locked once is not listed for ever. */
export function showResources(at: Moment): ResourceView[] {
  const isBusy = ({ holders, waiters }: LockRow) => holders.length > 0 || waiters.length > 0;
  return [...at.state.locks.values()].filter(isBusy).map(({ resource }) => showResource(at, resource, SHOWN_AT_MOST));
}

function showHolder({ now }: Moment, resource: string, holder: LockHolder): LockView {
  const { mode, name, principal, token, ttlMs, deadlineUpMs, sinceWallMs, metadata, isPending } = holder;
  return {
    resource,
    mode,
    holder: name,
    principal,
    fencing_token: token,
    ttl_ms: ttlMs,
    expires_in_ms: deadlineUpMs === null ? null : Math.max(0, deadlineUpMs - now.upMs),
    acquired_at: timeOf(sinceWallMs),
    metadata,
    state: isPending ? 'pending' : 'held',
  };
}

function showWaiter({ now }: Moment, waiter: LockWaiter | undefined): LockWaiterView[] {
  if (waiter === undefined) return [];
  const { who, wish, sinceWallMs, deadlineUpMs } = waiter;
  const { name, principal } = who;
  const times = { waiting_since: timeOf(sinceWallMs), gives_up_in_ms: Math.max(0, deadlineUpMs - now.upMs) };
  return [{ name, principal, mode: wish.mode, resources: wish.resources, ...times }];
}

/** What whoever asked is told of its lease. */
export function showOutcome(outcome: LockOutcome): LockView {
  const { resource, token, wish, holder, principal, expiresInMs, acquiredWallMs, state } = outcome;
  return {
    resource,
    mode: wish.mode,
    holder,
    principal,
    fencing_token: token,
    ttl_ms: wish.ttlMs,
    expires_in_ms: expiresInMs,
    acquired_at: timeOf(acquiredWallMs),
    metadata: wish.metadata,
    state,
  };
}

/** Null: the event is about no lock. Called when it was applied. */
export function showLockChange(at: Moment, event: Event): LockChangeView | null {
  const touched = touchedBy(event);
  if (touched === null) return null;
  const { mode = null, who = event.who } = askedBy(event);
  return {
    mode,
    holder: who?.name ?? null,
    principal: who?.principal ?? null,
    grants: grantsOf(event).map(({ resource, token }) => ({ resource, fencing_token: token })),
    reason: reasonOf(event),
    resources: touched.map((resource) => showResource(at, resource, SHOWN_AT_MOST)),
  };
}

/** The leases that an event is about. */
export function grantsOf(event: Event): readonly LockGrant[] {
  switch (event.kind) {
    case 'lock_acquired':
      return event.grants;
    case 'lock_confirmed':
    case 'lock_renewed':
    case 'lock_released':
    case 'lock_expired':
      return [{ resource: event.resource, token: event.token }];
    case 'lock_downgraded':
      return [{ resource: event.resource, token: event.next }];
    case 'lock_forced':
      return event.tokens.map((token) => ({ resource: event.resource, token }));
    default:
      return [];
  }
}

function touchedBy(event: Event): readonly string[] | null {
  switch (event.kind) {
    case 'lock_queued':
      return event.waiter.wish.resources;
    case 'lock_wait_ended':
      return event.resources;
    case 'lock_acquired':
      return event.wish.resources;
    default:
      return event.kind.startsWith('lock_') && 'resource' in event ? [event.resource] : null;
  }
}

function askedBy(event: Event): Partial<Pick<LockWaiter['wish'], 'mode'> & Pick<LockWaiter, 'who'>> {
  switch (event.kind) {
    case 'lock_queued':
      return { mode: event.waiter.wish.mode, who: event.waiter.who };
    case 'lock_acquired':
      return { mode: event.wish.mode };
    case 'lock_downgraded':
      return { mode: 'shared' };
    default:
      return {};
  }
}

function reasonOf(event: Event): string | null {
  switch (event.kind) {
    case 'lock_wait_ended':
      return event.why;
    case 'lock_released':
    case 'lock_forced':
      return event.reason;
    default:
      return null;
  }
}

function timeOf(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
