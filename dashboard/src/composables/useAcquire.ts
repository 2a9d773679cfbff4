import type { ShallowRef } from 'vue';
import type { HubApi } from '../http/api.ts';
import { resourceTyped, type TypedLock, termsOf } from '../state/lock-wish.ts';
import { checkLock, type LockFailure, type LockVerb } from '../words/lock-failure.ts';
import { useLockAsk } from './useLockAsk.ts';

export interface AcquireUse {
  readonly asking: ShallowRef<LockVerb | null>;
  readonly failure: ShallowRef<LockFailure | null>;
  /** Whether it is held now; `place`: what it is called within a sentence. */
  submit(typed: TypedLock, place: string): Promise<boolean>;
  giveUp(): void;
}

/** Asks for a lock, and perhaps waits for it. Whoever gives up, or closes the page, does not get it later. */
export function useAcquire(api: HubApi, signedOut: () => void): AcquireUse {
  const { asking, failure, ask } = useLockAsk(signedOut);
  let patience = new AbortController();

  async function submit(typed: TypedLock, place: string): Promise<boolean> {
    if (asking.value !== null) return false;
    failure.value = checkLock(typed);
    if (failure.value !== null) return false;
    const own = new AbortController();
    patience = own;
    const { waitMs, kind } = typed;
    const isHeld = await ask({ verb: 'acquire', place, isLockout: kind === 'lockout' }, () =>
      api.acquireLock(resourceTyped(typed), termsOf(typed), { waitMs, signal: own.signal }),
    );
    // Whoever gave up needs no words about it.
    if (own.signal.aborted) failure.value = null;
    return isHeld;
  }

  return { asking, failure, submit, giveUp: () => patience.abort() };
}
