import type { LockOutcome } from '../inputs.ts';
import type { Now } from '../model.ts';
import type { State } from '../state.ts';
import type { LockHolder, LockKept, LockKeptGrant, LockWish } from './model.ts';
import { holderOf, rowOf } from './table.ts';

/** What whoever asked is told of its leases. */

interface Moment {
  readonly state: State;
  readonly now: Now;
}

export function outcomesFor(d: Moment, { resources }: Pick<LockWish, 'resources'>, principal: string): LockOutcome[] {
  return resources.flatMap((resource) =>
    rowOf(d.state, resource)
      .holders.filter((holder) => holder.principal === principal)
      .map((holder) => outcome(d, resource, holder)),
  );
}

/** Of a kept answer: the first token, and what became of it. */
export function outcomeOf(d: Moment, kept: LockKept, grant: LockKeptGrant): LockOutcome {
  const holder = holderOf(d.state, grant.resource, grant.token);
  if (holder !== undefined) return outcome(d, grant.resource, holder);
  const { wish, name, principal, wallMs: acquiredWallMs } = kept;
  const { resource, token, ended } = grant;
  const state = ended ?? 'downgraded';
  return { resource, token, wish, holder: name, principal, acquiredWallMs, expiresInMs: null, state };
}

function outcome({ now }: Moment, resource: string, holder: LockHolder): LockOutcome {
  const { token, mode, ttlMs, metadata, isLockout, name, principal, sinceWallMs, deadlineUpMs } = holder;
  return {
    resource,
    token,
    wish: { mode, ttlMs, metadata, isLockout },
    holder: name,
    principal,
    acquiredWallMs: sinceWallMs,
    expiresInMs: deadlineUpMs === null ? null : Math.max(0, deadlineUpMs - now.upMs),
    state: 'held',
  };
}
