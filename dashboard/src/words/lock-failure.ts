import { resourceTyped, type TypedLock } from '../state/lock-wish.ts';
import type { Problem } from '../wire.ts';
import type { Failure } from './refusal.ts';

/** Why a lock was not taken, kept or ended. */

export type LockVerb = 'acquire' | 'renew' | 'release' | 'downgrade' | 'force' | 'end';

export interface LockAsk {
  readonly verb: LockVerb;
  /** What it is about, within a sentence. */
  readonly place: string;
  readonly isLockout: boolean;
}

export type LockField = 'resource' | 'reason' | 'note';

export interface LockFailure {
  readonly fields: Readonly<Partial<Record<LockField, string>>>;
  /** What belongs to no field; null when each has its own. */
  readonly rest: string | null;
}

const DONE: Readonly<Record<LockVerb, string>> = {
  acquire: 'locked',
  renew: 'prolonged',
  release: 'unlocked',
  downgrade: 'shared',
  force: 'taken away',
  end: 'ended',
};

export function sayLockFailure(failure: Failure, ask: LockAsk): LockFailure {
  if (failure.kind === 'network') {
    return alone(
      `The hub did not answer, so it may be ${DONE[ask.verb]} or not. What is shown here is right as soon as the hub is heard again.`,
    );
  }
  const { problem, retryAfterS } = failure;
  if (problem.code === 'invalid_request') return invalid(problem);
  return alone(`${sayCode(problem, ask)}${again(problem, retryAfterS)}`);
}

/** What can be said without asking the hub; null when nothing is missing. */
export function checkLock(typed: Pick<TypedLock, 'place' | 'name'>): LockFailure | null {
  return resourceTyped(typed) === '' ? { fields: { resource: 'Say what it is called.' }, rest: null } : null;
}

export function checkReason(reason: string): LockFailure | null {
  return reason.trim() === ''
    ? { fields: { reason: 'Say why: it is recorded, and its holder will ask.' }, rest: null }
    : null;
}

function sayCode(problem: Problem, { verb, place, isLockout }: LockAsk): string {
  const holder = problem.holder ?? 'Someone else';
  switch (problem.code) {
    case 'lock_held':
      return `${holder} holds ${place}. Wait for it, or ask ${holder} to let go.`;
    case 'already_held':
      return `You hold ${place} already${sayToken(problem)}.`;
    case 'wait_timeout':
      return isLockout
        ? `Not everything was confirmed off in time, so ${place} is not locked out. See which appliance does not go off.`
        : `It did not become free in time: ${problem.holder ?? 'someone else'} still holds ${place}.`;
    case 'locked':
      return `${holder} has locked ${place}.`;
    case 'conflict':
      return sayConflict(problem, verb, place);
    case 'forbidden':
      return verb === 'acquire' && !isLockout
        ? 'Your access lets you look, not lock.'
        : 'Only an administrator may do this, or the holder.';
    case 'not_found':
      return `The hub knows nothing named ${place} any more.`;
    case 'idempotency_key_reused':
      return 'The hub took this for another request. Try again.';
    case 'ledger_unavailable':
      return `The hub cannot write to its disk, so nothing was ${DONE[verb]}.`;
    case 'queue_full':
      return 'Too many requests are waiting.';
    default:
      return problem.detail ?? problem.title ?? `The hub answered with code ${problem.code}.`;
  }
}

function sayConflict({ detail }: Problem, verb: LockVerb, place: string): string {
  switch (verb) {
    case 'force':
      return `Nobody holds ${place} any more.`;
    case 'end':
      return `The lockout of ${place} has ended already.`;
    case 'downgrade':
      return detail ?? `${place} cannot be shared.`;
    default:
      return `Your lock on ${place} has ended: its time was up, or it was taken away. Lock it anew if you still need it.`;
  }
}

function sayToken({ fencing_token: token }: Problem): string {
  return token === undefined ? '' : `, with the token ${token}`;
}

const PASSING = new Set(['rate_limited', 'ledger_unavailable', 'queue_full']);

function again({ code }: Problem, retryAfterS: number | null): string {
  if (!PASSING.has(code)) return '';
  return retryAfterS === null ? ' Try again in a moment.' : ` Try again in ${retryAfterS} s.`;
}

const LABELS: Readonly<Record<string, readonly [LockField, string]>> = {
  resource: ['resource', 'The name'],
  reason: ['reason', 'The reason'],
  metadata: ['note', 'The note'],
  'metadata.note': ['note', 'The note'],
};

function invalid({ errors = [], detail }: Problem): LockFailure {
  const fields: Partial<Record<LockField, string>> = {};
  const others: string[] = [];
  for (const { path, message } of errors) {
    const [field, label] = LABELS[path] ?? [];
    if (field === undefined) others.push(path === '' ? message : `${path} ${message}`);
    else fields[field] ??= `${label} ${message}.`;
  }
  const isNowhere = errors.length === 0;
  return { fields, rest: isNowhere ? (detail ?? 'The hub did not accept it.') : others.join(' ') || null };
}

function alone(rest: string): LockFailure {
  return { fields: {}, rest };
}
