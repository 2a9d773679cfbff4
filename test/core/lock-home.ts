import type { Decision } from '../../daemon/core/decision.ts';
import type { Answer, LockOutcome } from '../../daemon/core/inputs.ts';
import type { Claim, LockWish } from '../../daemon/core/locks/model.ts';
import { lockAgainst } from '../../daemon/core/locks/permit.ts';
import { rowOf } from '../../daemon/core/locks/table.ts';
import type { Now, Who } from '../../daemon/core/model.ts';
import { answered, Home } from './home.ts';

const person = (principal: string, role: Who['role'] = 'operator'): Who => ({
  principal,
  name: principal,
  role,
  source: 'http',
});

/** `tok` asks with an API token, which can be revoked. */
export const PEOPLE = {
  ann: person('ann', 'admin'),
  eve: person('eve', 'admin'),
  ben: person('ben'),
  cyd: person('cyd'),
  dan: person('dan'),
  tok: person('token:t1'),
  wall: { principal: 'input:main/1', name: 'wall', role: 'operator', source: 'wall_switch' },
} as const satisfies Record<string, Who>;

export type Person = keyof typeof PEOPLE;

export function wishFor(resources: readonly string[], change: Partial<LockWish> = {}): LockWish {
  const plain = { mode: 'exclusive', ttlMs: 1000, delayMs: 0, maxHoldMs: null, metadata: null } as const;
  return { resources, ...plain, isLockout: false, ...change };
}

/** A core without a queue whose leases are timed by hand: `pass` tells what a timer would, `drowse` lets it be late. */
export class LockHome extends Home {
  /** Set: the next input came in then, and was decided only now. */
  askedUpMs: number | null = null;

  override get now(): Now {
    return { ...super.now, ...(this.askedUpMs === null ? {} : { askedUpMs: this.askedUpMs }) };
  }

  /** Time passes, and each deadline is told the moment that it is reached. */
  pass(ms: number): Decision[] {
    const endUpMs = this.upMs + ms;
    const decisions: Decision[] = [];
    for (let due = this.#nextDueUpMs(); due <= endUpMs; due = this.#nextDueUpMs()) {
      this.upMs = Math.max(this.upMs, due);
      decisions.push(this.tellDue());
    }
    this.upMs = endUpMs;
    return decisions;
  }

  /** Time passes, and no timer says so. */
  drowse(ms: number): void {
    this.upMs += ms;
  }

  tellDue(): Decision {
    const rows = [...this.state.locks.values()].filter((row) => this.#dueOf(row.resource) <= this.upMs);
    const waiters = [...this.state.lockWaiters.values()].filter(({ deadlineUpMs }) => deadlineUpMs <= this.upMs);
    const resources = rows.map(({ resource }) => resource).sort();
    return this.decide({ kind: 'locks_due', resources, waiters: waiters.map(({ id }) => id) });
  }

  #nextDueUpMs(): number {
    const rows = [...this.state.locks.values()].map(({ resource }) => this.#dueOf(resource));
    return Math.min(...rows, ...[...this.state.lockWaiters.values()].map(({ deadlineUpMs }) => deadlineUpMs));
  }

  #dueOf(resource: string): number {
    const { holders, delay } = rowOf(this.state, resource);
    const deadlines = holders.map(({ deadlineUpMs }) => deadlineUpMs ?? Number.POSITIVE_INFINITY);
    return Math.min(...deadlines, delay?.untilUpMs ?? Number.POSITIVE_INFINITY);
  }

  /** As the relay's line does when the first byte is about to leave: null where no lock is against it. */
  lapses(appliance: string): Decision | null {
    const a = this.appliance(appliance);
    const { asker, isOn, generation, isSettled } = a.order;
    const lock = asker === null || isSettled ? null : lockAgainst(this.state, a, isOn, asker, this.upMs);
    return lock === null ? null : this.decide({ kind: 'lapsed', appliance, generation, lock });
  }
}

/** `5`, or `appliance:lamp=5,x=2`. */
export function claimsOf(text: string): Claim[] {
  return text.split(',').map((part) => {
    const [resource = '', token] = part.split('=');
    return token === undefined ? { resource: null, token: Number(resource) } : { resource, token: Number(token) };
  });
}

/** What the caller hears, in few words: `x#1 1000 ms`, `x#1 expired`, `lock_held`, `waits as w1`. */
export function wordsOf({ reply }: Decision, isRelease: boolean): string {
  if (reply.kind === 'queued') return `waits as ${reply.waiter}`;
  if (reply.kind !== 'answered') return answered(reply);
  return answerWords(reply.answer, isRelease);
}

export function answerWords(answer: Answer, isRelease = false): string {
  if (!answer.ok) return answer.refusal.code;
  if (isRelease) return answer.changed ? 'done' : 'already done';
  if (answer.locks === undefined) return answer.changed ? 'done' : 'no change';
  return answer.locks.map(outcomeWords).join(' ');
}

function outcomeWords({ resource, token, state, expiresInMs }: LockOutcome): string {
  return `${resource}#${token} ${state === 'held' ? (expiresInMs ?? 'locked out') : state}`;
}

/** What else followed: `w1 gets x#2`, `x#1 expired`, `w1 timeout`, `off lamp lockout`. */
export function consequences({ events }: Decision): string[] {
  return events.flatMap((event) => {
    switch (event.kind) {
      case 'lock_acquired': {
        const names = event.grants.map(({ resource, token }) => `${resource}#${token}`).join(' ');
        if (event.pending !== null) return [`${event.pending.id} locks out ${names}`];
        return event.waiter === null ? [] : [`${event.waiter} gets ${names}`];
      }
      case 'lock_wait_ended':
        return [`${event.waiter} ${event.why}`];
      case 'lock_confirmed':
        return [`${event.resource}#${event.token} confirmed`];
      case 'lock_expired':
        return [`${event.resource}#${event.token} expired`];
      case 'lock_delay_over':
        return [`${event.resource} delay over`];
      case 'ordered':
        return [`${event.isOn ? 'on' : 'off'} ${event.appliance} ${event.cause}`];
      case 'withdrawn':
        return [`${event.appliance} withdrawn`];
      default:
        return [];
    }
  });
}

/** `x 3: ann#1 shared, ben#2 shared | w1 w2 | delay`. */
export function rowWords(home: Home, resource: string): string {
  const { token, holders, waiters, delay } = rowOf(home.state, resource);
  const held = holders.map((one) => `${one.name}#${one.token} ${one.isPending ? 'pending' : one.mode}`).join(', ');
  return [
    `${token}: ${held || 'free'}`,
    ...(waiters.length === 0 ? [] : [waiters.join(' ')]),
    ...(delay ? ['delay'] : []),
  ].join(' | ');
}
