import { TTL_CHOICES_MS, type TypedLock, WAIT_CHOICES_MS } from '../state/lock-wish.ts';

/** What the form for a lock offers. */

export interface Choice {
  readonly ms: number;
  readonly label: string;
}

const SPANS: Readonly<Record<number, string>> = {
  60000: '1 minute',
  300000: '5 minutes',
  600000: '10 minutes',
  900000: '15 minutes',
  3600000: '1 hour',
  14400000: '4 hours',
  86400000: '24 hours',
};

function saySpan(ms: number): string {
  return SPANS[ms] ?? `${ms / 1000} seconds`;
}

export const TTL_CHOICES: readonly Choice[] = TTL_CHOICES_MS.map((ms) => ({ ms, label: saySpan(ms) }));
export const WAIT_CHOICES: readonly Choice[] = WAIT_CHOICES_MS.map((ms) => ({
  ms,
  label: ms === 0 ? 'Do not wait' : `Wait up to ${saySpan(ms)}`,
}));

export interface KindChoice {
  readonly kind: TypedLock['kind'];
  readonly title: string;
  readonly text: string;
}

const EXCLUSIVE: KindChoice = {
  kind: 'exclusive',
  title: 'For me alone',
  text: 'Nobody else can switch it, or lock it, meanwhile.',
};
const SHARED: KindChoice = {
  kind: 'shared',
  title: 'Together with others',
  text: 'Everybody may still switch it; nobody can take it for themselves alone.',
};
const LOCKOUT: KindChoice = {
  kind: 'lockout',
  title: 'Lockout, to work on it',
  text: 'It goes off and stays off, whoever asks.',
};

/** A lockout is of what the hub can switch off, and an administrator's to set. */
export function kindChoices(isAdmin: boolean, isOfHub: boolean): readonly KindChoice[] {
  return isAdmin && isOfHub ? [EXCLUSIVE, SHARED, LOCKOUT] : [EXCLUSIVE, SHARED];
}

/** What a lockout does, said before it is set. `inside`: what it is about, within a sentence. */
export function sayLockoutWarning(inside: string): readonly string[] {
  return [
    `Switches ${inside} off now, and keeps it off: nobody can switch it on, you neither.`,
    'It has no time limit. You or an administrator must end it.',
    'The relay alone protects nobody: switch the breaker off and make sure that the wires are dead before you touch them.',
  ];
}
