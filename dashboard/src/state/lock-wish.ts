import type { LockTerms } from '../wire.ts';

/** What a person fills in to lock something, and what the hub is asked for it. */
export interface TypedLock {
  /** A resource of the hub, or `OTHER`. */
  readonly place: string;
  /** Of what the hub does not know; counts with `OTHER` only. */
  readonly name: string;
  readonly kind: 'exclusive' | 'shared' | 'lockout';
  readonly ttlMs: number;
  readonly waitMs: number;
  readonly note: string;
}

/** No name of a resource: those are never empty. */
export const OTHER = '';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const TTL_CHOICES_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 24 * HOUR_MS] as const;
export const WAIT_CHOICES_MS = [0, MINUTE_MS, 10 * MINUTE_MS] as const;

export const FRESH_LOCK: TypedLock = {
  place: 'hub',
  name: '',
  kind: 'exclusive',
  ttlMs: 15 * MINUTE_MS,
  waitMs: 0,
  note: '',
};

/** Empty: no name was said. */
export function resourceTyped({ place, name }: Pick<TypedLock, 'place' | 'name'>): string {
  return place === OTHER ? name.trim() : place;
}

/** A lockout has no time, and is not waited for: it takes effect at once or not at all. */
export function termsOf({ kind, ttlMs, waitMs, note }: TypedLock): LockTerms {
  const said = note.trim() === '' ? {} : { note: note.trim() };
  if (kind === 'lockout') return { mode: 'exclusive', metadata: { lockout: true, ...said } };
  const metadata = note.trim() === '' ? {} : { metadata: said };
  return { mode: kind, ttl_ms: ttlMs, wait_ms: waitMs, ...metadata };
}
