import { isReleased, pathOf } from '../capacity.ts';
import type { Deciding } from '../decision.ts';
import { type Appliance, HOUSE, type Who } from '../model.ts';
import { order } from '../order.ts';
import type { State } from '../state.ts';
import { HUB_LOCK, type LockHolder } from './model.ts';

/** A lockout: somebody works on the wires. What it covers goes off and stays off, whoever asks. */

/** The locks that an appliance obeys, from its own up to the hub's. */
export function locksAbove(state: State, a: Pick<Appliance, 'id' | 'circuit'>): string[] {
  const circuits = pathOf(state, a.circuit).map(({ id }) => `circuit:${id}`);
  return [`appliance:${a.id}`, ...circuits, HUB_LOCK];
}

/** Null where the name is none that the hub obeys, or there is no such thing. */
export function coveredBy(state: State, resource: string): Appliance[] | null {
  const [, kind = resource, id = ''] = /^(appliance|circuit):(.*)$/s.exec(resource) ?? [];
  const appliance = kind === 'appliance' ? state.appliances.get(id) : undefined;
  if (appliance !== undefined) return [appliance];
  const isPlace =
    resource === HUB_LOCK || (kind === 'circuit' && (id === HOUSE || state.circuits.get(id) !== undefined));
  return isPlace ? [...state.appliances.values()].filter((a) => locksAbove(state, a).includes(resource)) : null;
}

export function isLockedOut(state: State, a: Appliance): boolean {
  return locksAbove(state, a).some((resource) => lockoutOn(state, resource) !== undefined);
}

function lockoutOn(state: State, resource: string): LockHolder | undefined {
  return state.locks.get(resource)?.holders.find(({ isLockout }) => isLockout);
}

/** It keeps all others out from now on; whoever asked hears of it when everything is off. */
export function beginLockout(d: Deciding, resource: string, who: Who): void {
  for (const a of coveredBy(d.state, resource) ?? []) if (needsOrder(a)) order(d, a, false, 'lockout', { who });
  settleLockout(d, resource);
}

/** An OFF that is under way is not ordered again, unless it is somebody's: that one stops where its lock is lost. */
function needsOrder(a: Appliance): boolean {
  const { isOn, isSettled, hasFailed, asker } = a.order;
  return isOn || (!isReleased(a) && (isSettled || hasFailed || asker !== null));
}

/** Granted once everything is confirmed off, by its relay or because it is declared disconnected. */
export function settleLockout(d: Deciding, resource: string): void {
  const holder = lockoutOn(d.state, resource);
  if (holder?.isPending !== true || !(coveredBy(d.state, resource) ?? []).every(isReleased)) return;
  d.emit({ kind: 'lock_confirmed', resource, token: holder.token, waiter: waiterFor(d.state, resource, holder.token) });
}

function waiterFor(state: State, resource: string, token: number): string | null {
  const isIts = (pending: { resource: string; token: number } | null) =>
    pending?.token === token && pending.resource === resource;
  return [...state.lockWaiters.values()].find(({ pending }) => isIts(pending))?.id ?? null;
}
