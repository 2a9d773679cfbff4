import type { Input } from '../../daemon/core/inputs.ts';
import type { LockWish } from '../../daemon/core/locks/model.ts';
import { type Asked, Desk } from './desk.ts';
import { answerWords, PEOPLE, type Person, wishFor } from './lock-home.ts';
import { house } from './lock-play.ts';

/** What the tests of locks through the queue ask, and hear. */

interface More extends Partial<LockWish> {
  readonly wait?: readonly [id: string, ms: number];
  readonly key?: string;
  readonly hash?: string;
}

export function acquire(person: Person, resource: string, { wait, key, hash = 'same', ...change }: More = {}): Input {
  const patience = wait === undefined ? null : { id: wait[0], ms: wait[1] };
  const kept = key === undefined ? {} : { key, hash };
  const wish = wishFor([resource], change);
  return { kind: 'acquire_lock', wish, who: PEOPLE[person], wait: patience, ...kept };
}

export function renew(person: Person, resource: string, token: number): Input {
  return { kind: 'renew_lock', resource, token, ttlMs: null, who: PEOPLE[person] };
}

export function release(person: Person, resource: string, token: number): Input {
  return { kind: 'release_lock', resource, token, reason: null, who: PEOPLE[person] };
}

export function heard({ answer }: Asked): string {
  return answer === null ? 'nothing yet' : answerWords(answer);
}

/** The desk, and what each of these heard once nothing moves any more. */
export async function asked(desk: Desk, ...inputs: readonly Input[]): Promise<Asked[]> {
  const all = inputs.map((input) => desk.ask(input));
  await desk.settle();
  return all;
}

export function deskHere(): Desk {
  return new Desk(house());
}

/** The one who asked, for the tests that ask one thing. */
export async function one(desk: Desk, input: Input): Promise<Asked> {
  const [first] = await asked(desk, input);
  if (first === undefined) throw new Error('nobody asked');
  return first;
}
