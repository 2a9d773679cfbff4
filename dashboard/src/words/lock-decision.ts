import type { DecisionView } from '../wire.ts';
import { type NameOf, sayResourceInside } from './lock.ts';

/** What the lock service did, for the list of decisions. The hub's note names the resource; a note of a newer hub is shown as it is. */

export interface LockLine {
  readonly text: string;
  readonly reason: string | null;
}

export function isOfLocks({ kind }: Pick<DecisionView, 'kind'>): boolean {
  return kind.startsWith('lock_');
}

/** `who`: as the other lines say it; `The hub` where nobody asked. */
export function sayLockDecision(d: DecisionView, who: string, nameOf: NameOf): LockLine {
  const note = readNote(d.reason);
  const what = note === null ? 'a lock' : note.resources.map((resource) => sayResourceInside(resource, nameOf)).join(', ');
  return { text: sayWhat(d.kind, who, what), reason: note?.rest ?? d.reason };
}

function sayWhat(kind: string, who: string, what: string): string {
  switch (kind) {
    case 'lock_queued':
      return `${who} waits for ${what}`;
    case 'lock_wait_ended':
      return 'A wait for a lock ended';
    case 'lock_acquired':
      return `${who} locked ${what}`;
    case 'lock_confirmed':
      return `The lockout of ${what} stands: all of it is confirmed off`;
    case 'lock_renewed':
      return `${who} keeps ${what} locked for longer`;
    case 'lock_downgraded':
      return `${who} shares ${what} from now on`;
    case 'lock_released':
      return `${who} unlocked ${what}`;
    case 'lock_expired':
      return `The time of the lock on ${what} is up`;
    case 'lock_forced':
      return `${who} took the lock on ${what} away`;
    case 'lock_delay_over':
      return `${what === 'a lock' ? 'A lock' : what} may be locked again`;
    default:
      return `${who}: ${kind.replaceAll('_', ' ')}`;
  }
}

interface Note {
  readonly resources: readonly string[];
  readonly rest: string | null;
}
