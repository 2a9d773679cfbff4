import type { Event } from '../../daemon/core/events.ts';
import type { LockGrant, LockWish } from '../../daemon/core/locks/model.ts';
import type { Home } from './home.ts';

interface Lease {
  readonly resource: string;
  readonly token: number;
  readonly mode: 'exclusive' | 'shared';
  readonly isPending: boolean;
  /** It was told that it has until then. */
  readonly endsUpMs: number;
}

/** What must be true of any history of leases, whoever is right about the rest. It reads the events and nothing else. */
export class LockWatch {
  #leases: Lease[] = [];
  readonly #highest = new Map<string, number>();
  #seen = 0;

  look({ history }: Home): void {
    for (const event of history.slice(this.#seen)) this.#hear(event);
    this.#seen = history.length;
  }

  #hear(event: Event): void {
    switch (event.kind) {
      case 'lock_acquired':
        for (const grant of event.grants) this.#granted(event, grant, event.wish);
        return;
      case 'lock_downgraded':
        this.#isNew(event.resource, event.next);
        this.#change(event, { token: event.next, mode: 'shared' });
        return;
      case 'lock_confirmed':
        return this.#change(event, { isPending: false });
      case 'lock_renewed':
        must((event.deadlineUpMs ?? 0) >= this.#find(event).endsUpMs, 'a renewal shortens nothing', event);
        return this.#change(event, { endsUpMs: event.deadlineUpMs ?? Number.POSITIVE_INFINITY });
      case 'lock_expired':
        // Nothing ends before it was said to end.
        must(event.upMs >= this.#find(event).endsUpMs, 'no lease ends early', event);
        return this.#drop(event);
      case 'lock_released':
        return this.#drop(event);
      case 'lock_forced':
        for (const token of event.tokens) this.#drop({ resource: event.resource, token });
        return;
      case 'configured':
        this.#leases = this.#leases.filter(({ isPending }) => !isPending);
        return;
      default:
        return;
    }
  }

  #granted(event: Event, { resource, token }: LockGrant, { mode, ttlMs, isLockout }: LockWish): void {
    this.#isNew(resource, token);
    const isApart = this.#leases.every(
      (lease) => lease.resource !== resource || (mode === 'shared' && lease.mode === 'shared'),
    );
    must(isApart, 'no two holders that conflict', event);
    const endsUpMs = ttlMs === null ? Number.POSITIVE_INFINITY : event.upMs + ttlMs;
    this.#leases.push({ resource, token, mode, isPending: isLockout, endsUpMs });
  }

  /** Tokens of a resource never repeat, and never go down. */
  #isNew(resource: string, token: number): void {
    must(token > (this.#highest.get(resource) ?? 0), 'no token repeats or goes down', { resource, token });
    this.#highest.set(resource, token);
  }

  #find({ resource, token }: LockGrant): Lease {
    const found = this.#leases.find((lease) => lease.resource === resource && lease.token === token);
    must(found !== undefined, 'only what is live can change', { resource, token });
    return found ?? { resource, token, mode: 'exclusive', isPending: false, endsUpMs: 0 };
  }

  #change(grant: LockGrant, change: Partial<Lease>): void {
    const lease = this.#find(grant);
    this.#leases = this.#leases.map((other) => (other === lease ? { ...lease, ...change } : other));
  }

  #drop(grant: LockGrant): void {
    const lease = this.#find(grant);
    this.#leases = this.#leases.filter((other) => other !== lease);
  }
}

/** Nobody waits for what he could have: first in every line, and nothing in the way. */
export function nobodyIsForgotten({ state, upMs }: Home): void {
  const rows = new Map([...state.locks.values()].map((row) => [row.resource, row]));
  const forgotten = [...state.lockWaiters.values()].filter(({ id, pending, deadlineUpMs, who, wish }) => {
    if (pending !== null || upMs >= deadlineUpMs) return false;
    return wish.resources.every((resource) => {
      const { holders = [], waiters = [], delay = null } = rows.get(resource) ?? {};
      const isFree = wish.mode === 'exclusive' ? holders.length === 0 && delay === null : holders.every(isShared);
      return waiters[0] === id && isFree && holders.every(({ principal }) => principal !== who.principal);
    });
  });
  const revoked = state.tokens.get('t1') === undefined;
  const [first] = forgotten.filter(({ who }) => !revoked || !who.principal.startsWith('token:'));
  must(first === undefined, 'nobody waits for what is free', first);
}

function must(isSo: boolean, what: string, where: unknown): void {
  if (!isSo) throw new Error(`${what}: ${JSON.stringify(where)}`);
}

function isShared({ mode }: { readonly mode: string }): boolean {
  return mode === 'shared';
}
