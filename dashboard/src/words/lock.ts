import { HOUSE } from '../state/circuits.ts';
import { type Place, placeOf } from '../state/lock-place.ts';
import { isLockout, type Over } from '../state/locks.ts';
import type { LockHolderView, LockView, LockWaiterView } from '../wire.ts';
import { sayCountdown, sayLeft } from './lock-time.ts';

/** A lock in words: what it is on, who has it, and for how long. */

export type NameOf = (applianceId: string) => string;

export function sayPlace(place: Place, nameOf: NameOf): string {
  switch (place.kind) {
    case 'hub':
      return 'The whole hub';
    case 'circuit':
      return place.id === HOUSE ? 'The house circuit' : `Circuit ${place.id}`;
    case 'appliance':
      return nameOf(place.id);
    case 'free':
      return place.name;
  }
}

export function sayResource(resource: string, nameOf: NameOf): string {
  return sayPlace(placeOf(resource), nameOf);
}

/** Within a sentence. */
export function sayResourceInside(resource: string, nameOf: NameOf): string {
  const place = placeOf(resource);
  if (place.kind === 'hub') return 'the whole hub';
  if (place.kind === 'circuit') return place.id === HOUSE ? 'the house circuit' : `the circuit ${place.id}`;
  return place.kind === 'free' ? `“${place.name}”` : nameOf(place.id);
}

/** What a lock there does; null where the name of the place says it. */
export function sayReach(place: Place, isObeyed: boolean): string | null {
  if (!isObeyed) return 'A name of its own: the hub switches nothing for it';
  if (place.kind === 'hub') return 'Every appliance';
  return place.kind === 'circuit' ? 'Every appliance on it' : null;
}

export type LockKind = 'lockout' | 'exclusive' | 'shared' | 'awaited';

export function kindOf({ holders: [first] }: Pick<LockView, 'holders'>): LockKind {
  if (first === undefined) return 'awaited';
  return isLockout(first) ? 'lockout' : first.mode;
}

const KINDS: Readonly<Record<LockKind, string>> = {
  lockout: 'Lockout',
  exclusive: 'Exclusive',
  shared: 'Shared',
  awaited: 'Free in a moment',
};

export function sayKindOfLock(view: Pick<LockView, 'holders'>): string {
  return KINDS[kindOf(view)];
}

/** `You`, or the name of the holder. */
export function sayHolder({ holder }: Pick<LockHolderView, 'holder'>, isOwn: boolean): string {
  return isOwn ? `You (${holder})` : holder;
}

/** What is left of it, as it is seen counting down. */
export function sayRest({ state }: Pick<LockHolderView, 'state'>, leftMs: number | null): string {
  if (state === 'pending') return 'not confirmed off yet';
  if (leftMs === null) return 'until it is ended by hand';
  return leftMs === 0 ? 'ending' : `${sayCountdown(leftMs)} left`;
}

export interface TagWords {
  readonly text: string;
  readonly tone: 'lockout' | 'barred' | 'own' | 'plain';
}

/** At the toggle: the strongest lock above an appliance. Null: it is under none. */
export function sayTag(
  over: readonly Over[],
  about: {
    readonly applianceId: string;
    readonly left: (one: Over) => number | null;
    readonly isOwn: (one: Over) => boolean;
    readonly nameOf: NameOf;
  },
): TagWords | null {
  const [first] = over;
  if (first === undefined) return null;
  const { lock, holder } = first;
  const isOwn = about.isOwn(first);
  const who = isOwn ? 'you' : holder.holder;
  const place = placeOf(lock.view.resource);
  const isOwnPlace = place.kind === 'appliance' && place.id === about.applianceId;
  const what = isOwnPlace ? '' : `${sayPlace(place, about.nameOf)} `;
  if (isLockout(holder)) return { text: sentence(`${what}locked out by ${who}: ${sayStays(holder)}`), tone: 'lockout' };
  if (holder.mode === 'shared') return { text: sentence(`${what}shared by ${saySharers(over, about)}`), tone: 'plain' };
  const rest = sayShortRest(about.left(first));
  return { text: sentence(`${what}locked by ${who}${rest}`), tone: isOwn ? 'own' : 'barred' };
}

function sayStays({ state }: LockHolderView): string {
  return state === 'pending' ? 'going off' : 'it stays off';
}

function sayShortRest(leftMs: number | null): string {
  if (leftMs === null) return '';
  return leftMs === 0 ? ', ending' : `, ${sayLeft(leftMs)} left`;
}

const MAX_SHARERS = 2;

function saySharers(over: readonly Over[], { isOwn }: { readonly isOwn: (one: Over) => boolean }): string {
  const names = [...new Set(over.map((one) => (isOwn(one) ? 'you' : one.holder.holder)))];
  const more = names.length - MAX_SHARERS;
  return more > 0 ? `${names.slice(0, MAX_SHARERS).join(', ')} and ${more} more` : names.join(' and ');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** `Heating, shared`: its place in the queue stands before it. */
export function sayWaiter({ name, mode, resources }: LockWaiterView, isOwn: boolean): string {
  const beside = resources.length - 1;
  const others = beside > 0 ? `, with ${beside} other${beside === 1 ? '' : 's'}` : '';
  return `${isOwn ? `You (${name})` : name}, ${mode}${others}`;
}

/** `12 more hold it`: the hub shows the first of many. */
export function sayMore(count: number, shown: number, what: 'hold' | 'wait'): string | null {
  const more = count - shown;
  if (more <= 0) return null;
  return what === 'hold' ? `${more} more hold${more === 1 ? 's' : ''} it` : `${more} more wait${more === 1 ? 's' : ''}`;
}

const MAX_NOTE = 120;

/** What the holder said of it: the words of a `note` alone, anything else with its name. */
export function sayMetadata(metadata: LockHolderView['metadata']): string | null {
  const said = Object.entries(metadata ?? {}).filter(([name]) => name !== 'lockout');
  const parts = said.map(([name, value]) => (name === 'note' ? String(value) : `${name}: ${value}`));
  const text = parts.join(', ');
  if (text === '') return null;
  return text.length > MAX_NOTE ? `${text.slice(0, MAX_NOTE - 1)}…` : text;
}

/** At the top of the panel. */
export function sayLockout(
  { resource, holder, state, metadata }: LockHolderView,
  nameOf: NameOf,
): { readonly title: string; readonly text: string } {
  const note = sayMetadata(metadata);
  const why = note === null ? '' : `: ${note}`;
  const inside = sayResourceInside(resource, nameOf);
  if (state === 'pending')
    return {
      title: `Being locked out: ${inside}`,
      text: `By ${holder}${why}. Not everything is confirmed off yet. Do not touch it.`,
    };
  return {
    title: `Locked out: ${inside}`,
    text: `By ${holder}${why}. It is off, and stays off until the lockout is ended.`,
  };
}
