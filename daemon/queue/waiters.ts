import type { Clock } from '../../relay-drivers/clock.ts';
import type { Event, Refusal } from '../core/events.ts';
import type { Answer } from '../core/inputs.ts';
import { lostLock, overtakenBy, UNREACHABLE } from '../core/kept.ts';
import type { LockTrouble } from '../core/locks/model.ts';
import { standing } from '../core/show.ts';
import type { State } from '../core/state.ts';
import type { Caller } from './lanes.ts';
import { LIMITS } from './limits.ts';

/** The part of an answer that is known when the decision is durable. */
interface Ticket {
  readonly appliance: string;
  generation: number;
  readonly seq: number;
  readonly atWallMs: number;
  readonly changed: boolean;
  readonly callers: readonly Caller[];
  readonly cancel: () => void;
}

/** Callers whose answer is the relay's to give: they wait for the order of a generation to settle. */
export class Waiters {
  readonly #clock: Clock;
  readonly #state: () => State;
  readonly #tickets = new Map<string, Set<Ticket>>();

  constructor(clock: Clock, state: () => State) {
    this.#clock = clock;
    this.#state = state;
  }

  await(ticket: Omit<Ticket, 'cancel' | 'callers'>, callers: readonly Caller[]): void {
    if (callers.length === 0) return;
    const { seq, atWallMs, changed } = ticket;
    for (const { decided } of callers) decided?.({ seq, atWallMs, changed });
    const cancel = this.#clock.after(LIMITS.answerMs, () => this.#finish(full, this.#noWordYet(full)));
    const full: Ticket = { ...ticket, callers, cancel };
    const of = this.#tickets.get(ticket.appliance) ?? new Set();
    this.#tickets.set(ticket.appliance, of.add(full));
  }

  /** Answers whoever waited for what this committed event settles. */
  hear(event: Event): void {
    switch (event.kind) {
      case 'confirmed':
        return this.#settle(event, (ticket) => this.#confirmed(ticket));
      case 'failed':
        return this.#settle(event, (ticket) => this.#refused(ticket, UNREACHABLE));
      case 'withdrawn':
        return this.#settle(event, (ticket) => this.#refused(ticket, withdrawn(event.lock)));
      case 'ordered':
        return this.#replace(event);
      default:
        return;
    }
  }

  #settle(order: { appliance: string; generation: number }, answer: (ticket: Ticket) => Answer): void {
    for (const ticket of [...(this.#tickets.get(order.appliance) ?? [])]) {
      if (ticket.generation === order.generation) this.#finish(ticket, answer(ticket));
    }
  }

  #replace(event: Event & { kind: 'ordered' }): void {
    const { replaces, appliance, generation, isOn } = event;
    if (replaces === null) return;
    if (replaces.isOn !== isOn) {
      return this.#settle({ appliance, generation: replaces.generation }, (t) => this.#refused(t, overtakenBy(isOn)));
    }
    for (const ticket of this.#tickets.get(appliance) ?? []) {
      if (ticket.generation === replaces.generation) ticket.generation = generation;
    }
  }

  #finish(ticket: Ticket, answer: Answer): void {
    ticket.cancel();
    const of = this.#tickets.get(ticket.appliance);
    of?.delete(ticket);
    if (of?.size === 0) this.#tickets.delete(ticket.appliance);
    for (const caller of ticket.callers) caller.answer(answer);
  }

  #confirmed(ticket: Ticket): Answer {
    const { seq, atWallMs, changed, appliance } = ticket;
    return { ok: true, changed, decision: { seq, atWallMs }, standing: standing(this.#state(), appliance) };
  }

  /** Not the order's outcome, so it is no decision and is kept for no key: asked again, the caller waits for the same order. */
  #noWordYet({ appliance }: Ticket): Answer {
    const shown = standing(this.#state(), appliance);
    return { ok: false, refusal: NO_WORD, decision: null, ...(shown === null ? {} : { standing: shown }) };
  }

  #refused(ticket: Ticket, refusal: Refusal): Answer {
    const { seq, atWallMs, appliance } = ticket;
    const shown = refusal === UNREACHABLE ? standing(this.#state(), appliance) : null;
    return { ok: false, refusal, decision: { seq, atWallMs }, ...(shown === null ? {} : { standing: shown }) };
  }
}

const NO_WORD: Refusal = {
  code: 'relay_unreachable',
  detail: 'The relay gave no word in time. The order stands and its watts stay counted; ask again to wait for it.',
};

export const LEDGER_TOO_SLOW: Refusal = {
  code: 'ledger_unavailable',
  detail: 'The ledger cannot record decisions at present (disk slow, full or gone); switching off still works.',
};

function withdrawn(lock: LockTrouble | undefined): Refusal {
  return lock === undefined ? LEDGER_TOO_SLOW : lostLock(lock);
}
