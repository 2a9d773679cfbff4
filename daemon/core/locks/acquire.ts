import type { Deciding, Reply } from '../decision.ts';
import type { Refusal } from '../events.ts';
import type { Input } from '../inputs.ts';
import { expireDue } from './due.ts';
import { type Applicant, blocker, grant, isFree, mayStillLock } from './grant.ts';
import { forgetOldKeys, lockKeyId } from './kept.ts';
import { coveredBy } from './lockout.ts';
import { LOCK_LIMITS, type LockKept } from './model.ts';
import { outcomeOf, outcomesFor } from './show.ts';
import { heldBy, rowOf, waitsBy } from './table.ts';

type Acquire = Input & { kind: 'acquire_lock' };

/** All of the resources or none: now, after a wait, or not at all. */
export function acquireLock(d: Deciding, input: Acquire): Reply {
  const kept = input.key === undefined ? undefined : d.state.lockKept.get(lockKeyId(input.who.principal, input.key));
  if (kept !== undefined && d.now.upMs - kept.atUpMs < LOCK_LIMITS.keptMs) return replay(d, input, kept);
  expireDue(d, input.wish.resources);
  const refusal = malformed(input) ?? unfit(d, input) ?? already(d, input) ?? tooMany(d, input);
  if (refusal !== null) return d.refuse(refusal);
  const isNext = input.wish.resources.every((resource) => rowOf(d.state, resource).waiters.length === 0);
  if (isNext && isFree(d, input.wish, input.who)) return grantNow(d, input);
  return input.wait === null ? d.refuse(held(d, input)) : queue(d, input, input.wait);
}

function grantNow(d: Deciding, input: Acquire): Reply {
  const applicant = applicantOf(d, input);
  grant(d, applicant, false);
  if (!input.wish.isLockout) return d.leased(outcomesFor(d, input.wish, input.who.principal), true);
  const isOver = d.state.lockWaiters.get(applicant.id) === undefined;
  return isOver ? d.leased(outcomesFor(d, input.wish, input.who.principal), true) : waitingFor(d, applicant.id);
}

function queue(d: Deciding, input: Acquire, { id }: { id: string }): Reply {
  const { hash, ...applicant } = applicantOf(d, input);
  d.emit({ kind: 'lock_queued', waiter: { ...applicant, pending: null }, hash }, input.who);
  return waitingFor(d, id);
}

function waitingFor(d: Deciding, waiter: string): Reply {
  return { kind: 'queued', waiter, seq: d.state.seq, atWallMs: d.now.wallMs };
}

/** A lockout has no patience of its own where nothing is said: its OFFs need as long as any OFF may take. */
const LOCKOUT_WAIT_MS = 15_000;

function applicantOf(d: Deciding, { wish, who, wait, key, hash }: Acquire): Applicant {
  const { id, ms } = wait ?? { id: `lockout-${d.nextSeq}`, ms: LOCKOUT_WAIT_MS };
  const keptId = key === undefined || hash === undefined ? null : lockKeyId(who.principal, key);
  return { id, wish, who, deadlineUpMs: d.now.upMs + ms, sinceWallMs: d.now.wallMs, keptId, hash: hash ?? null };
}

/** Same request, same answer: the same tokens, and how the lease stands now. */
function replay(d: Deciding, { hash }: Acquire, kept: LockKept): Reply {
  if (kept.hash !== hash) {
    return d.refuse({
      code: 'idempotency_key_reused',
      detail: 'This key was used for another request; take a new one.',
    });
  }
  if (kept.waiter !== null && d.state.lockWaiters.get(kept.waiter) !== undefined) return waitingFor(d, kept.waiter);
  expireDue(d, kept.wish.resources);
  const now = d.state.lockKept.get(kept.id) ?? kept;
  return d.leased(
    now.grants.map((grant) => outcomeOf(d, now, grant)),
    false,
    { seq: now.seq, atWallMs: now.wallMs },
  );
}

/** Doors say it better; behind them nothing may depend on every door saying it. */
function malformed({ wish: { resources, ttlMs, maxHoldMs, isLockout, mode } }: Acquire): Refusal | null {
  if (resources.length < 1 || resources.length > LOCK_LIMITS.resourcesAtOnce)
    return invalid(`One request is for 1 to ${LOCK_LIMITS.resourcesAtOnce} resources.`);
  if (new Set(resources).size < resources.length) return invalid('A resource is named twice.');
  if (isLockout && (mode !== 'exclusive' || resources.length !== 1))
    return invalid('A lockout is exclusive, and of one resource.');
  if (isLockout !== (ttlMs === null)) return invalid('A lockout has no TTL, every other lock has one.');
  return ttlMs !== null && maxHoldMs !== null && maxHoldMs < ttlMs
    ? invalid('The longest hold is shorter than the TTL.')
    : null;
}

function invalid(detail: string): Refusal {
  return { code: 'invalid_request', detail };
}

function unfit(d: Deciding, { wish, who }: Acquire): Refusal | null {
  if (!mayStillLock(d, who)) return { code: 'forbidden', detail: 'The token of this request is no longer valid.' };
  if (!wish.isLockout) return null;
  const [resource = ''] = wish.resources;
  if (who.role !== 'admin') return { code: 'forbidden', detail: 'A lockout needs the role admin.' };
  if (coveredBy(d.state, resource) !== null) return null;
  return { code: 'not_found', detail: `There is nothing to lock out named "${resource}".` };
}

/** No re-entrancy: a program that asks twice has forgotten that it holds the lock. */
function already(d: Deciding, { wish, who }: Acquire): Refusal | null {
  for (const resource of wish.resources) {
    const own = rowOf(d.state, resource).holders.find(({ principal }) => principal === who.principal);
    if (own === undefined) continue;
    const lock = { resource, holder: own.name, token: own.token };
    return { code: 'already_held', detail: `You hold "${resource}" already.`, lock };
  }
  return null;
}

function tooMany(d: Deciding, { wish, who, wait, key }: Acquire): Refusal | null {
  const { state } = d;
  if (heldBy(state, who.principal) + wish.resources.length > LOCK_LIMITS.perPrincipal)
    return full(`at most ${LOCK_LIMITS.perPrincipal} locks for one token`);
  if (wait !== null && waitsBy(state, who.principal) + wish.resources.length > LOCK_LIMITS.waitersPerPrincipal)
    return full(`at most ${LOCK_LIMITS.waitersPerPrincipal} resources waited for by one token`);
  if (wish.resources.some((name) => rowOf(state, name).holders.length >= LOCK_LIMITS.holdersPerResource))
    return full(`at most ${LOCK_LIMITS.holdersPerResource} share one resource`);
  const isCrowded = wish.resources.some((name) => rowOf(state, name).waiters.length >= LOCK_LIMITS.waitersPerResource);
  if (wait !== null && isCrowded) return full(`at most ${LOCK_LIMITS.waitersPerResource} wait for one resource`);
  const names = wish.resources.filter((name) => state.locks.get(name) === undefined);
  if (state.lockRows + names.length > LOCK_LIMITS.rows) return full(`at most ${LOCK_LIMITS.rows} names of resources`);
  if (key === undefined) return null;
  forgetOldKeys(state, d.now.upMs);
  return state.lockKeptCount >= LOCK_LIMITS.kept ? full('too many idempotency keys are remembered') : null;
}

function full(what: string): Refusal {
  return { code: 'rate_limited', detail: `The lock table is bounded: ${what}.` };
}

function held(d: Deciding, { wish, who }: Acquire): Refusal {
  for (const resource of wish.resources) {
    const row = rowOf(d.state, resource);
    const inTheWay = blocker(d, row, wish.mode, who.principal);
    if (inTheWay === null && row.waiters.length === 0) continue;
    const holder = inTheWay?.holder ?? row.holders[0]?.name ?? null;
    const detail = `"${resource}" ${inTheWay === null ? 'has others waiting for it' : isHeldBy(holder)}.`;
    return { code: 'lock_held', detail, lock: { resource, holder, token: row.token } };
  }
  return { code: 'lock_held', detail: 'The lock is held by someone else.' };
}

function isHeldBy(holder: string | null): string {
  return holder === null ? 'waits for commands of its last holder' : `is held by ${holder}`;
}
