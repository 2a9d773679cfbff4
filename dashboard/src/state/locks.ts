import type { ApplianceView, LoadView, LockHolderView, LockView } from '../wire.ts';
import { resourcesAbove } from './lock-place.ts';

/** A lock as the hub last told of it, and when that was on the panel's own monotonic clock: what is left is counted from there. */
export interface KnownLock {
  readonly view: LockView;
  readonly seq: number;
  readonly heardUpMs: number;
}

export type KnownLocks = ReadonlyMap<string, KnownLock>;

/** All of them, as a snapshot tells. */
export function allLocks(views: readonly LockView[], seq: number, heardUpMs: number): KnownLocks {
  return new Map(views.map((view) => [view.resource, { view, seq, heardUpMs }]));
}

/** What an event changed. A name that is free again, with nobody waiting, is of no interest any more. */
export function locksAfter(known: KnownLocks, views: readonly LockView[], seq: number, heardUpMs: number): KnownLocks {
  const news = views.filter(({ resource }) => (known.get(resource)?.seq ?? -1) < seq);
  if (news.length === 0) return known;
  const locks = new Map(known);
  for (const view of news) {
    if (isOfInterest(view)) locks.set(view.resource, { view, seq, heardUpMs });
    else locks.delete(view.resource);
  }
  return locks;
}

function isOfInterest({ holders, waiters }: LockView): boolean {
  return holders.length + waiters.length > 0;
}

/**
 * After a sleep the monotonic clock may have stood still: what was asked anew tells the time left. What an event told
 * after the question is newer than the answer.
 */
export function withTimesOf(
  known: KnownLocks,
  views: readonly LockView[],
  asked: { readonly askedUpMs: number; readonly heardUpMs: number },
): KnownLocks {
  const locks = new Map(known);
  for (const view of views) {
    const before = known.get(view.resource);
    if (before === undefined || before.heardUpMs > asked.askedUpMs || !isSame(before.view, view)) continue;
    locks.set(view.resource, { ...before, view, heardUpMs: asked.heardUpMs });
  }
  return locks;
}

function isSame(a: LockView, b: LockView): boolean {
  const tokens = (view: LockView) => view.holders.map(({ fencing_token }) => fencing_token).join();
  return a.fencing_token === b.fencing_token && tokens(a) === tokens(b);
}

/** Null: it has no end of its own. 0: its time is up on this clock, and the hub has not said so yet. */
export function leftMs(
  { expires_in_ms }: Pick<LockHolderView, 'expires_in_ms'>,
  { heardUpMs }: Pick<KnownLock, 'heardUpMs'>,
  nowUpMs: number,
): number | null {
  return expires_in_ms === null ? null : Math.max(0, expires_in_ms - (nowUpMs - heardUpMs));
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

function weight({ lockout, mode }: LockHolderView): number {
  if (lockout) return 0;
  return mode === 'exclusive' ? 1 : 2;
}

/** Lockouts first, then what the hub obeys, then free names, each in the order of the alphabet. */
export function inOrder(locks: KnownLocks): readonly KnownLock[] {
  const isLockout = ({ view }: KnownLock) => view.holders.some(({ lockout }) => lockout);
  return [...locks.values()].sort(
    (a, b) => Number(isLockout(b)) - Number(isLockout(a)) || a.view.resource.localeCompare(b.view.resource),
  );
}
