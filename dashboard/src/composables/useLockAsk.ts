import { type ShallowRef, shallowRef } from 'vue';
import type { Outcome } from '../http/api.ts';
import { type LockAsk, type LockFailure, type LockVerb, sayLockFailure } from '../words/lock-failure.ts';
import { isUnauthorized } from './useSession.ts';

export interface LockAskUse {
  /** Which verb is on its way; null: none. */
  readonly asking: ShallowRef<LockVerb | null>;
  readonly failure: ShallowRef<LockFailure | null>;
  /** Whether the hub did it. One at a time. */
  ask(about: LockAsk, call: () => Promise<Outcome<unknown>>): Promise<boolean>;
}

/** Asks the hub for something about a lock. Nothing is assumed: the locks that are shown change by its word. */
export function useLockAsk(signedOut: () => void): LockAskUse {
  const asking = shallowRef<LockVerb | null>(null);
  const failure = shallowRef<LockFailure | null>(null);

  async function ask(about: LockAsk, call: () => Promise<Outcome<unknown>>): Promise<boolean> {
    if (asking.value !== null) return false;
    asking.value = about.verb;
    failure.value = null;
    const outcome = await call();
    asking.value = null;
    if (outcome.ok) return true;
    if (isUnauthorized(outcome.failure)) signedOut();
    else failure.value = sayLockFailure(outcome.failure, about);
    return false;
  }

  return { asking, failure, ask };
}
