import type { ApplianceView, LoadView, LockHolderView, LockView } from '../wire.ts';
import { type Place, placeOf, resourcesAbove } from './lock-place.ts';

/** A lock as the hub last told of it, and when that was on the panel's own monotonic clock: what is left is counted from there. */
export interface KnownLock {
  readonly view: LockView;
  readonly heardUpMs: number;
}

export type KnownLocks = ReadonlyMap<string, KnownLock>;

/** All of them, as a snapshot tells. */
export function allLocks(views: readonly LockView[], heardUpMs: number): KnownLocks {
  return new Map(views.map((view) => [view.resource, { view, heardUpMs }]));
}

/** What an event changed. A name that is free again, with nobody waiting, is of no interest any more. */
export function locksAfter(known: KnownLocks, views: readonly LockView[], heardUpMs: number): KnownLocks {
  if (views.length === 0) return known;
  const locks = new Map(known);
  for (const view of views) {
    if (isOfInterest(view)) locks.set(view.resource, { view, heardUpMs });
    else locks.delete(view.resource);
  }
  return locks;
}

function isOfInterest({ holding, waiting }: LockView): boolean {
  return holding + waiting > 0;
}

/** A lockout is the one lock without a time: it forces off what it covers, and ends by hand. */
export function isLockout({ ttl_ms }: Pick<LockHolderView, 'ttl_ms'>): boolean {
  return ttl_ms === null;
}

/** Null: it has no end of its own. 0: its time is up on this clock, and the hub has not said so yet. */
export function leftMs(
  { expires_in_ms }: Pick<LockHolderView, 'expires_in_ms'>,
  { heardUpMs }: Pick<KnownLock, 'heardUpMs'>,
  nowUpMs: number,
): number | null {
  return expires_in_ms === null ? null : Math.max(0, expires_in_ms - (nowUpMs - heardUpMs));
}

export function isLockedOut(locks: KnownLocks | undefined, resource: string | undefined): boolean {
  const lock = resource === undefined ? undefined : locks?.get(resource);
  return lock?.view.holders.some(isLockout) ?? false;
}

/** One who holds a lock that an appliance is under. */
export interface Over {
  readonly lock: KnownLock;
  readonly holder: LockHolderView;
}

/** Whoever holds a lock above an appliance: lockouts first, then those who have it alone, then the nearest. */
export function locksOver(
  locks: KnownLocks,
  load: LoadView,
  appliance: Pick<ApplianceView, 'id' | 'circuit'>,
): readonly Over[] {
  return resourcesAbove(load, appliance)
    .flatMap((resource) => locks.get(resource) ?? [])
    .flatMap((lock) => lock.view.holders.map((holder) => ({ lock, holder })))
    .sort((a, b) => weight(a.holder) - weight(b.holder));
}

function weight(holder: LockHolderView): number {
  if (isLockout(holder)) return 0;
  return holder.mode === 'exclusive' ? 1 : 2;
}

/** The first lock that keeps this one from switching; null: none does. A lockout keeps everybody from switching on. */
export function barrier(over: readonly Over[], principal: string, wantOn: boolean): Over | null {
  const bars = ({ holder }: Over) =>
    holder.mode === 'exclusive' && (holder.principal !== principal || (wantOn && isLockout(holder)));
  return over.find(bars) ?? null;
}

/** Made once: comparing thousands of names without it is slow. */
const ALPHABET = new Intl.Collator();

const RANKS: Readonly<Record<Place['kind'], number>> = { hub: 1, circuit: 2, appliance: 3, free: 4 };

/** Lockouts first, then from the hub down, each by name: a row never moves because somebody renews or waits. */
export function inOrder(locks: KnownLocks, nameOf: (resource: string) => string): readonly KnownLock[] {
  return [...locks.values()]
    .map((lock) => ({ lock, rank: rankOf(lock), name: nameOf(lock.view.resource) }))
    .sort((a, b) => a.rank - b.rank || ALPHABET.compare(a.name, b.name))
    .map(({ lock }) => lock);
}

function rankOf({ view }: KnownLock): number {
  return view.holders.some(isLockout) ? 0 : RANKS[placeOf(view.resource).kind];
}

/**
 * The fencing tokens that whoever holds the locks above an appliance shows with a toggle. Only exclusive locks stand in
 * the way, and a token that is not asked for could only be stale.
 */
export function claimsOf(over: readonly Over[], principal: string): string | null {
  const own = over.filter(({ holder }) => holder.principal === principal && holder.mode === 'exclusive');
  const claims = own
    .filter(({ holder }) => holder.state === 'held')
    .map(({ holder }) => `${holder.resource}=${holder.fencing_token}`);
  return claims.length === 0 ? null : claims.join(', ');
}
