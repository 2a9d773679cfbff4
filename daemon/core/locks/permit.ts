import type { Refusal } from '../events.ts';
import type { Input } from '../inputs.ts';
import type { Appliance } from '../model.ts';
import type { State } from '../state.ts';
import { locksAbove } from './lockout.ts';
import type { Asker, Claim, LockHolder, LockTrouble } from './model.ts';
import { isLive, rowOf } from './table.ts';

type Toggle = Input & { kind: 'toggle' };

/**
 * Whether locks let a request through: asked when it is decided, and again when its bytes leave. Null: they do.
 * People on the spot come first: an OFF from a wall switch passes. The hub's own OFFs are no requests and never come here.
 */
export function lockAgainst(state: State, a: Appliance, isOn: boolean, asker: Asker, upMs: number): LockTrouble | null {
  const above = locksAbove(state, a);
  return barred(state, above, isOn, asker, upMs) ?? stale(state, above, asker, upMs);
}

function barred(state: State, above: readonly string[], isOn: boolean, asker: Asker, upMs: number): LockTrouble | null {
  if (asker.source === 'wall_switch' && !isOn) return null;
  for (const resource of above) {
    const holder = state.locks.get(resource)?.holders.find((one) => one.mode === 'exclusive' && isLive(one, upMs));
    if (holder === undefined) continue;
    if ((holder.isLockout && isOn) || !isIts(holder, resource, asker))
      return { resource, holder: holder.name, token: holder.token, ...(holder.isLockout ? { why: 'lockout' } : {}) };
  }
  return null;
}

function isIts({ principal, token }: LockHolder, resource: string, asker: Asker): boolean {
  return principal === asker.principal && asker.claims.some((claim) => claim.token === token && fits(claim, resource));
}

function fits(claim: Claim, resource: string): boolean {
  return claim.resource === null || claim.resource === resource;
}

/** A token that is shown must be live: who was asleep longer than its lease writes nothing, though nobody has the lock now. */
function stale(state: State, above: readonly string[], asker: Asker, upMs: number): LockTrouble | null {
  for (const claim of asker.claims) {
    const resources = claim.resource === null ? above : [claim.resource];
    if (resources.some((resource) => hasLive(state, resource, claim, asker, upMs))) continue;
    const resource = resources[0] ?? '';
    const { token, holders } = rowOf(state, resource);
    return { resource, holder: holders.find((one) => isLive(one, upMs))?.name ?? null, token, why: 'stale' };
  }
  return null;
}

function hasLive(state: State, resource: string, { token }: Claim, { principal }: Asker, upMs: number): boolean {
  const holder = rowOf(state, resource).holders.find((one) => one.token === token);
  return holder?.principal === principal && !holder.isPending && isLive(holder, upMs);
}

/**
 * Whether an OFF may join one that is under way: not where that one stops when its lease ends, and this one would not. Of
 * a wall switch none ever stops.
 */
export function sharesFate(first: Asker | null, { who, claims = [] }: Pick<Toggle, 'who' | 'claims'>): boolean {
  if (first === null || first.source === 'wall_switch') return true;
  if (who.source === 'wall_switch') return false;
  const isBare = first.claims.length === 0 && claims.length === 0;
  return isBare || (first.principal === who.principal && isSame(first.claims, claims));
}

function isSame(some: readonly Claim[], others: readonly Claim[]): boolean {
  const has = (claim: Claim) =>
    others.some(({ resource, token }) => resource === claim.resource && token === claim.token);
  return some.length === others.length && some.every(has);
}

export function lockedRefusal(a: Appliance, lock: LockTrouble): Refusal {
  return { code: 'locked', detail: `${a.name} is not switched: ${sayTrouble(lock)}.`, lock };
}

/** Whoever holds it may be the one who asked, and forgot to show its token. */
function sayTrouble({ resource, holder, why }: LockTrouble): string {
  switch (why) {
    case 'lockout':
      return `"${resource}" is locked out by ${holder}, and stays off until that is ended`;
    case 'stale':
      return `the fencing token that was shown for "${resource}" is not a live one`;
    default:
      return `"${resource}" is locked by ${holder}, who alone may switch it, with its fencing token`;
  }
}
