import type {
  EventMessage,
  LockHolderView,
  LockView,
  LockWaiterView,
  SnapshotMessage,
} from '../../dashboard/src/wire.ts';
import { AT, decision, event, load } from './panel-fixtures.ts';

/** Locks as a hub would tell of them. */

/** Who is signed in on the stage. */
export const OWN = 'session:marta';

export function holder(resource: string, fields: Partial<LockHolderView> = {}): LockHolderView {
  return {
    resource,
    mode: 'exclusive',
    holder: 'Installer',
    principal: 'token:installer',
    fencing_token: 7,
    ttl_ms: 300_000,
    expires_in_ms: 120_000,
    acquired_at: AT,
    metadata: null,
    state: 'held',
    ...fields,
  };
}

/** A lockout: it has no time. */
export function lockout(resource: string, fields: Partial<LockHolderView> = {}): LockHolderView {
  return holder(resource, { ttl_ms: null, expires_in_ms: null, metadata: { lockout: true }, ...fields });
}

export function waiter(name: string, fields: Partial<LockWaiterView> = {}): LockWaiterView {
  const principal = `token:${name.toLowerCase()}`;
  return { name, principal, mode: 'exclusive', resources: ['x'], waiting_since: AT, gives_up_in_ms: 60_000, ...fields };
}

export function locked(
  resource: string,
  holders: readonly LockHolderView[] = [holder(resource)],
  waiters: readonly LockWaiterView[] = [],
): LockView {
  return {
    resource,
    state: holders.length > 0 ? 'held' : 'free',
    fencing_token: Math.max(0, ...holders.map(({ fencing_token }) => fencing_token)),
    holding: holders.length,
    waiting: waiters.length,
    holders: [...holders],
    waiters: [...waiters],
  };
}

export function withLocks(snapshot: SnapshotMessage, ...locks: readonly LockView[]): SnapshotMessage {
  return { ...snapshot, locks: [...locks] };
}

/** An event of the lock service, after which these stand so. */
export function lockEvent(seq: number, kind: string, ...resources: readonly LockView[]): EventMessage {
  const about = { mode: null, holder: null, principal: null, grants: [], reason: null };
  const line = decision(seq, { kind, appliance: null, is_on: null, outcome: 'recorded' });
  return { ...event(seq, null, load(0)), kind, decision: line, lock: { ...about, resources: [...resources] } };
}
