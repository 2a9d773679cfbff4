import type { DecisionView } from '../wire.ts';
import { type NameOf, sayResourceInside } from './lock.ts';

/** What the lock service did, for the list of decisions. The hub's note names the resource; a note of a newer hub is shown as it is. */

export interface LockLine {
  readonly text: string;
  readonly reason: string | null;
}

type Say = (who: string, what: string, outcome: DecisionView['outcome']) => string;

const SAY: Readonly<Record<string, Say>> = {
  lock_queued: (who, what) => `${who} waits for ${what}`,
  lock_wait_ended: () => 'A wait for a lock ended',
  // A lockout is recorded first, and granted when it is confirmed.
  lock_acquired: (who, what, outcome) =>
    outcome === 'granted' ? `${who} locked ${what}` : `${who} locks ${what} out: all of it goes off`,
  lock_confirmed: (_who, what) => `${what} is locked out`,
  lock_renewed: (who, what) => `${who} keeps ${what} locked for longer`,
  lock_downgraded: (who, what) => `${who} shares ${what} from now on`,
  lock_released: (who, what) => `${who} unlocked ${what}`,
  lock_expired: (_who, what) => `The time of the lock on ${what} was up`,
  lock_forced: (who, what) => `${who} took the lock on ${what} away`,
  lock_delay_over: (_who, what) => `${what} may be locked again`,
};

/** Null: of no lock, or a kind of a newer hub. `who`: as the other lines say it; `The hub` where nobody asked. */
export function sayLockDecision(d: DecisionView, who: string, nameOf: NameOf): LockLine | null {
  const say = SAY[d.kind];
  if (say === undefined) return null;
  const { resources, rest } = readNote(d);
  const what = resources.map((resource) => sayResourceInside(resource, nameOf)).join(', ');
  return { text: capital(say(who, what === '' ? 'a lock' : what, d.outcome)), reason: rest };
}

interface Note {
  readonly resources: readonly string[];
  readonly rest: string | null;
}

/** Why a wait came to nothing. */
const ENDS: Readonly<Record<string, string>> = {
  timeout: 'It was not granted in time',
  cancelled: 'Whoever waited is gone',
  forbidden: 'The access of whoever waited has ended',
};

/** `kitchen-scene, token 7, exclusive`: which resource is meant is told beside the note, for a name may hold any words. */
function readNote({ kind, reason, fencing_tokens: grants = [] }: DecisionView): Note {
  if (reason === null) return { resources: grants.flatMap(({ resource }) => resource ?? []), rest: null };
  if (kind === 'lock_wait_ended') return { resources: [], rest: ENDS[reason] ?? reason };
  if (kind === 'lock_delay_over') return { resources: [reason], rest: null };
  if (kind === 'lock_queued') return { resources: [reason.replace(/^waits for /, '')], rest: null };
  const resources = [...new Set(grants.flatMap(({ resource }) => resource ?? []))];
  const [first] = resources;
  const isOne = resources.length === 1 && reason.startsWith(`${first}, `);
  return { resources, rest: isOne ? capital(reason.slice(`${first}, `.length)) : reason };
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
