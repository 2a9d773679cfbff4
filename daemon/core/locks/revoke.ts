import type { Deciding } from '../decision.ts';
import type { Token, Who } from '../model.ts';
import { delayAfter, endWait, expireDue } from './due.ts';
import { grantWaiting } from './grant.ts';
import type { LockRow } from './model.ts';
import { heldBy, rowOf } from './table.ts';

/**
 * Access that ends takes its waits and leases along: nobody could renew, use or release them any more. A lockout that is
 * granted stays: somebody works on the wires, and any admin can end it.
 */
export function endAccess(d: Deciding, token: Token, by: Who): void {
  const principal = principalOf(token);
  const reason = token.use === 'session' ? 'the session of its holder ended' : 'the token of its holder was revoked';
  const waits = [...d.state.lockWaiters.values()].filter(({ who }) => who.principal === principal);
  for (const { id } of waits) {
    const waiter = d.state.lockWaiters.get(id);
    if (waiter !== undefined) endWait(d, waiter, 'forbidden', { who: by, reason });
  }
  if (heldBy(d.state, principal) > 0) endLeases(d, principal, by, reason);
}

/** Walks all rows: only for what is rare. */
function endLeases(d: Deciding, principal: string, by: Who, reason: string): void {
  const isIts = ({ holders }: LockRow) => holders.some((holder) => holder.principal === principal);
  const resources = [...d.state.locks.values()].filter(isIts).map(({ resource }) => resource);
  expireDue(d, resources);
  for (const resource of resources) {
    const ended = rowOf(d.state, resource).holders.filter((one) => one.principal === principal && !one.isLockout);
    const tokens = ended.map(({ token }) => token);
    if (tokens.length === 0) continue;
    const delayUntilUpMs = delayAfter(d, resource, tokens);
    d.emit({ kind: 'lock_forced', resource, tokens, reason, delayUntilUpMs }, by);
  }
  grantWaiting(d, resources);
}

/** As the doors call whoever comes with it. */
export function principalOf({ use, id, mqttUser }: Pick<Token, 'use' | 'id' | 'mqttUser'>): string {
  if (mqttUser !== undefined) return `mqtt:${mqttUser}`;
  return `${use === 'session' ? 'session' : 'token'}:${id}`;
}
