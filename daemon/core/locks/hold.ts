import type { Deciding, Reply } from '../decision.ts';
import type { Event, Refusal } from '../events.ts';
import type { Input, LockOutcome } from '../inputs.ts';
import { delayAfter, endWait, expireDue } from './due.ts';
import { grantWaiting } from './grant.ts';
import type { LockHolder } from './model.ts';
import { outcomesFor } from './show.ts';
import { endedHolder, holderOf, isLive, rowOf } from './table.ts';

/** What a holder may do with its lease, and an admin with anybody's. */

type Of<K extends Input['kind']> = Input & { kind: K };
type Named = { readonly resource: string; readonly token: number; readonly who: { readonly principal: string } };

/** Never shortens, keeps the token. What was asked before the deadline is in time, whatever came between. */
export function renewLock(d: Deciding, input: Of<'renew_lock'>): Reply {
  expireDue(d, [input.resource]);
  const holder = ownedBy(d, input);
  if (holder === null) return d.refuse(notYours(d, input));
  if (holder.isPending || holder.deadlineUpMs === null || holder.ttlMs === null)
    return d.refuse(endless(input.resource));
  const ttlMs = input.ttlMs ?? holder.ttlMs;
  const longestUpMs = holder.maxHoldMs === null ? Number.POSITIVE_INFINITY : holder.sinceUpMs + holder.maxHoldMs;
  const deadlineUpMs = Math.max(holder.deadlineUpMs, Math.min(d.now.upMs + ttlMs, longestUpMs));
  d.emit({ kind: 'lock_renewed', resource: input.resource, token: input.token, ttlMs, deadlineUpMs }, input.who);
  return d.leased(outcomesFor(d, { resources: [input.resource] }, input.who.principal), true);
}

/** A second release of the same token is no fault: the first answer may have been lost. */
export function releaseLock(d: Deciding, input: Of<'release_lock'>): Reply {
  const { resource, token, who, reason } = input;
  expireDue(d, [resource]);
  const holder = holderOf(d.state, resource, token);
  if (holder === undefined) return isOver(d, input) ? d.leased([], false) : d.refuse(notYours(d, input));
  const isByAdmin = holder.isLockout && isForced(input);
  if (holder.principal !== who.principal && !isByAdmin)
    return d.refuse(holder.isLockout && who.role === 'admin' ? needsReason(holder, input) : notYours(d, input));
  if (holder.isPending) return cancelLockout(d, input);
  const event = d.emit({ kind: 'lock_released', resource, token, reason }, who);
  grantWaiting(d, [resource]);
  return leasedBy(d, event, []);
}

/** Of this event, whatever it let others have. */
function leasedBy(d: Deciding, { seq, wallMs: atWallMs }: Event, locks: readonly LockOutcome[]): Reply {
  return d.leased(locks, true, { seq, atWallMs });
}

/** As an admin ends the lockout of another. */
function isForced({ who, reason }: Of<'release_lock'>): boolean {
  return who.role === 'admin' && reason !== null;
}

/** Whoever may have ended it did so before, or lost it. */
function isOver(d: Deciding, input: Of<'release_lock'>): boolean {
  const holder = endedHolder(d.state, input.resource, input.token);
  return holder !== null && (holder === input.who.principal || isForced(input));
}

function cancelLockout(d: Deciding, { resource, token, reason, who }: Of<'release_lock'>): Reply {
  const waiter = [...d.state.lockWaiters.values()].find(
    ({ pending }) => pending?.resource === resource && pending.token === token,
  );
  if (waiter !== undefined) endWait(d, waiter, 'cancelled', { who, reason });
  return d.leased([], true);
}

/** Atomic, and with a new token: what it did alone is told from what it does among others. */
export function downgradeLock(d: Deciding, input: Of<'downgrade_lock'>): Reply {
  const { resource, token, who } = input;
  expireDue(d, [resource]);
  const holder = ownedBy(d, input);
  if (holder === null) return d.refuse(notYours(d, input));
  if (holder.isLockout) return d.refuse({ code: 'conflict', detail: 'A lockout cannot be shared.' });
  if (holder.mode === 'shared') return d.refuse({ code: 'conflict', detail: `"${resource}" is shared already.` });
  const event = d.emit({ kind: 'lock_downgraded', resource, token, next: rowOf(d.state, resource).token + 1 }, who);
  grantWaiting(d, [resource]);
  return leasedBy(d, event, outcomesFor(d, { resources: [resource] }, who.principal));
}

export function forceReleaseLock(d: Deciding, input: Of<'force_release_lock'>): Reply {
  const { resource, reason, who } = input;
  if (who.role !== 'admin') return d.refuse({ code: 'forbidden', detail: 'A forced release needs the role admin.' });
  expireDue(d, [resource]);
  const tokens = rowOf(d.state, resource).holders.map(({ token }) => token);
  if (tokens.length === 0) return d.refuse({ code: 'conflict', detail: `Nobody holds "${resource}".` });
  for (const waiter of [...d.state.lockWaiters.values()])
    if (waiter.pending?.resource === resource)
      d.emit({ kind: 'lock_wait_ended', waiter: waiter.id, resources: [resource], why: 'cancelled' }, who);
  const delayUntilUpMs = delayAfter(d, resource, tokens);
  const event = d.emit({ kind: 'lock_forced', resource, tokens, reason, delayUntilUpMs }, who);
  grantWaiting(d, [resource]);
  return leasedBy(d, event, []);
}

/** A live lease of this principal with this token; a lease whose end was not recorded is alive for who asked in time. */
function ownedBy(d: Deciding, { resource, token, who }: Named): LockHolder | null {
  const holder = holderOf(d.state, resource, token);
  const askedUpMs = d.now.askedUpMs ?? d.now.upMs;
  return holder?.principal === who.principal && isLive(holder, askedUpMs) ? holder : null;
}

function notYours(d: Deciding, { resource, token }: Named): Refusal {
  const row = rowOf(d.state, resource);
  const lock = { resource, holder: row.holders[0]?.name ?? null, token: row.token };
  return { code: 'conflict', detail: `You hold no lease on "${resource}" with the token ${token}.`, lock };
}

function needsReason({ name, token }: LockHolder, { resource }: Named): Refusal {
  const lock = { resource, holder: name, token };
  return { code: 'conflict', detail: `${name} locked "${resource}" out: to end that, say a reason.`, lock };
}

function endless(resource: string): Refusal {
  return { code: 'conflict', detail: `"${resource}" is locked out: that ends by hand, there is nothing to renew.` };
}
