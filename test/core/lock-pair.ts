import type fc from 'fast-check';
import { expect } from 'vitest';
import type { Decision } from '../../daemon/core/decision.ts';
import type { Input } from '../../daemon/core/inputs.ts';
import { rowOf } from '../../daemon/core/locks/table.ts';
import { consequences, type LockHome, wordsOf } from './lock-home.ts';
import { house } from './lock-play.ts';
import { ReferenceHouse } from './lock-reference-house.ts';
import type { RefRow } from './lock-reference-table.ts';
import { LockWatch, nobodyIsForgotten } from './lock-watch.ts';

/** The hub and the reference, side by side. */
export class Pair {
  readonly home: LockHome = house();
  readonly reference = new ReferenceHouse();
  readonly #watch = new LockWatch();
  /** So that each wait has an id of its own. */
  waits = 0;

  constructor() {
    this.reference.locks.nowMs = this.home.upMs;
  }

  /** The same is asked of both: `answer` is what the reference says. */
  asks(input: Input, answer: (reference: ReferenceHouse) => string, isRelease = false): void {
    const decision = this.home.decide(input);
    const { locks } = this.reference;
    locks.askedMs = this.home.askedUpMs ?? this.home.upMs;
    same(wordsOf(decision, isRelease), answer(this.reference));
    this.agree([decision]);
  }

  happens(decisions: readonly Decision[], also: (reference: ReferenceHouse) => void): void {
    this.reference.locks.askedMs = this.home.askedUpMs ?? this.home.upMs;
    also(this.reference);
    this.agree(decisions);
  }

  agree(decisions: readonly Decision[]): void {
    const { locks, appliances } = this.reference;
    if (decisions.length > 0) locks.settle();
    const heard = decisions.flatMap((one) => consequences(one)).filter((words) => TOLD.test(words));
    same(heard.sort(), locks.woken.splice(0).sort());
    const rows = [...this.home.state.locks.values()].map(({ resource }) => resource);
    same(rows.sort(), locks.rows.map(({ resource }) => resource).sort());
    for (const row of locks.rows) same(this.#row(row.resource), this.#refRow(row));
    for (const [id, { isOn, isSettled, asker }] of Object.entries(appliances)) {
      const { order } = this.home.appliance(id);
      const underWay = isSettled ? null : (asker?.claims ?? []);
      same([id, order.isOn, order.isSettled ? null : (order.asker?.claims ?? [])], [id, isOn, underWay]);
    }
    this.#watch.look(this.home);
    nobodyIsForgotten(this.home);
  }

  #row(resource: string): unknown {
    const { token, holders, waiters, delay } = rowOf(this.home.state, resource);
    const lines = holders.map((one) => [one.token, one.principal, one.mode, one.deadlineUpMs, one.isPending]);
    return { token, lines, waiters, delay: delay && [...delay.tokens, delay.untilUpMs] };
  }

  #refRow({ resource, token, holders, delay }: RefRow): unknown {
    const lines = holders.map((one) => [one.token, one.principal, one.mode, one.endsMs, one.isPending]);
    const waiters = this.reference.locks.queueOf(resource).map(({ id }) => id);
    return { token, lines, waiters, delay: delay && [...delay.tokens, delay.untilMs] };
  }
}

/** Only what differs is worth what `toEqual` costs. */
function same(hub: unknown, reference: unknown): void {
  if (JSON.stringify(hub) !== JSON.stringify(reference)) expect(hub).toEqual(reference);
}

const TOLD = / gets | timeout$| cancelled$| forbidden$| confirmed$/;

export type Command = fc.Command<object, Pair>;
