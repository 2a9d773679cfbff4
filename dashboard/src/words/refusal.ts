import { HOUSE } from '../state/circuits.ts';
import { type Place, placeOf } from '../state/lock-place.ts';
import type { Problem } from '../wire.ts';
import { onOff } from './appliance.ts';
import { sayWatts } from './watts.ts';

/** Why the hub did not do what was asked, or why nobody knows. */
export type Failure =
  | { readonly kind: 'problem'; readonly problem: Problem; readonly retryAfterS: number | null }
  /** No answer: it may or may not have been done. */
  | { readonly kind: 'network' };

/** What was asked, as the sentences need it. */
export interface Asked {
  readonly name: string;
  readonly wantOn: boolean;
  /** What is counted though its state is unknown: it takes room too. */
  readonly unknownW: number;
  /** What is counted though it was told off: its board cannot prove it. */
  readonly heldW: number;
  /** The lock that refused it is a lockout. */
  readonly isLockedOut?: boolean;
}

export interface RefusalWords {
  readonly title: string;
  readonly text: string;
}

export function sayFailure(failure: Failure, asked: Asked): RefusalWords {
  if (failure.kind === 'problem') return sayProblem(failure.problem, failure.retryAfterS, asked);
  return {
    title: 'No answer from the hub',
    text: `It is not certain that ${asked.name} was switched ${onOff(asked.wantOn)}. What is shown is the hub's last word; it corrects itself as soon as the hub is heard again.`,
  };
}

function sayProblem(problem: Problem, retryAfterS: number | null, asked: Asked): RefusalWords {
  const { name, wantOn } = asked;
  const again = retryAfterS === null ? 'Try again in a moment.' : `Try again in ${retryAfterS} s.`;
  switch (problem.code) {
    case 'capacity_exceeded':
      return { title: `No room for ${name}`, text: sayCapacity(problem, asked) };
    case 'relay_unreachable':
      return sayUnreachable(problem, asked);
    case 'superseded':
      return { title: `${name} stays off`, text: `It was switched off from elsewhere before it was on.` };
    case 'locked':
      return sayLocked(problem, asked);
    case 'conflict':
      return {
        title: `${name} cannot switch ${onOff(wantOn)} now`,
        text: problem.detail ?? 'Something else is under way.',
      };
    case 'queue_full':
    case 'rate_limited':
      return {
        title: 'Too much at once',
        text: `${name} was not switched ${onOff(wantOn)}: too many requests are waiting. ${again}`,
      };
    case 'ledger_unavailable':
      return {
        title: 'The hub cannot write to its disk',
        text: `It switches nothing on until it can. Switching off still works. ${again}`,
      };
    case 'unauthorized':
      return { title: 'Signed out', text: 'Sign in again to switch appliances.' };
    case 'forbidden':
      return { title: 'View only', text: 'Your access lets you look, not switch.' };
    case 'not_found':
      return { title: `${name} is gone`, text: 'It was removed from the hub.' };
    default:
      return {
        title: problem.title ?? 'The hub said no',
        text: problem.detail ?? `It answered with code ${problem.code}.`,
      };
  }
}

function sayLocked({ holder, resource }: Problem, { name, wantOn, isLockedOut = false }: Asked): RefusalWords {
  if (holder === null) {
    return {
      title: `${name} was not switched ${onOff(wantOn)}`,
      text: 'The lock under which it was asked has ended. Press again: without the lock, the hub may let it through.',
    };
  }
  const who = holder ?? 'Someone else';
  const where = resource === undefined ? '' : sayLockPlace(placeOf(resource));
  return isLockedOut
    ? {
        title: `${name} is locked out`,
        text: `${who} locked it out${where}: somebody may be working on it. Nobody can switch it on before the lockout is ended.`,
      }
    : { title: `${name} is locked`, text: `${who} holds the lock${where}, and nobody else may switch it.` };
}

/** Nothing where it is the lock of the appliance itself. */
function sayLockPlace(place: Place): string {
  if (place.kind === 'hub') return ' on the whole hub';
  return place.kind === 'circuit' ? ` on ${sayWhere(place.id)}` : '';
}

/** `Oven needs 2400 W. 3200 W of 5000 W are in use, so it is 600 W too much. Switch off ...` */
function sayCapacity(problem: Problem, { name, unknownW, heldW }: Asked): string {
  const { limit_w: limit, reserved_w: reserved, requested_w: requested, exceeded_by_w: missing } = problem;
  if (limit === undefined || reserved === undefined || requested === undefined || missing === undefined) {
    return problem.detail ?? 'It does not fit under the limit.';
  }
  if (requested > limit) {
    return `${name} needs ${sayWatts(requested)}, which is more than the ${sayWatts(limit)} ${sayWhere(problem.circuit)} can carry at all.`;
  }
  const where = isHouse(problem.circuit) ? '' : `On ${sayWhere(problem.circuit)}, `;
  const inUse = `${where}${sayWatts(reserved)} of ${sayWatts(limit)} are in use`;
  const counted = isHouse(problem.circuit) ? sayOnlyCounted(unknownW, heldW) : '';
  return `${name} needs ${sayWatts(requested)}. ${inUse}${counted}, so it is ${sayWatts(missing)} too much. Switch off something of at least ${sayWatts(missing)} first.`;
}

/** Of what is in use: the watts that nobody knows to be drawn. */
function sayOnlyCounted(unknownW: number, heldW: number): string {
  const parts = [
    unknownW > 0 ? `${sayWatts(unknownW)} of it counted because a relay's state is unknown` : null,
    heldW > 0 ? `${sayWatts(heldW)} of it told off on a board that cannot prove it` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

function isHouse(circuit: string | undefined): boolean {
  return circuit === undefined || circuit === HOUSE;
}

function sayWhere(circuit: string | undefined): string {
  return isHouse(circuit) ? 'the house' : `the circuit “${circuit}”`;
}

function sayUnreachable({ relay_state: state }: Problem, { name, wantOn }: Asked): RefusalWords {
  const title = `${name} does not answer`;
  if (!wantOn) {
    return {
      title,
      text: `Its relay did not confirm that it is off. The hub keeps trying, and its watts stay counted until it does.`,
    };
  }
  const text =
    state === 'off'
      ? 'Its relay did not switch on, and was switched off again. Check the board or plug.'
      : 'Its relay did not confirm, so nobody knows its state. Its watts stay counted until the relay is confirmed off. Check the board or plug, its power, and its cable or network.';
  return { title, text };
}
