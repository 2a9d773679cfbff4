import type { Event, Refusal } from '../core/events.ts';
import type { Answer, Input } from '../core/inputs.ts';
import { outcomesFor } from '../core/locks/show.ts';
import type { Now } from '../core/model.ts';
import type { State } from '../core/state.ts';
import type { Caller } from './lanes.ts';

type Ended = Event & { kind: 'lock_wait_ended' };

/** Whoever waits, by the id that it gave itself: a retry with the same key joins the wait of the first. */
interface Waiting {
  readonly own: string | null;
  readonly callers: readonly Caller[];
}

interface Parts {
  readonly state: State;
  readonly now: () => Now;
}

/** Callers who wait for a lock. Their wait stands in the state and ends there: this only carries the word to them. */
export class LeaseWaiters {
  readonly #parts: Parts;
  readonly #cancel: (waiter: string) => void;
  readonly #waiting = new Map<string, Waiting[]>();
  /** Own id -> the wait that it came to be. */
  readonly #waitOf = new Map<string, string>();
  /** Gone while what they asked was being committed. */
  #leaving: string[] = [];

  /** `cancel` ends a wait that nobody waits for any more. */
  constructor(parts: Parts, cancel: (waiter: string) => void) {
    this.#parts = parts;
    this.#cancel = cancel;
  }

  await(waiter: string, own: string | null, callers: readonly Caller[]): void {
    if (callers.length === 0) return;
    const present = this.#waiting.get(waiter);
    if (present === undefined) this.#waiting.set(waiter, [{ own, callers }]);
    else present.push({ own, callers });
    if (own !== null) this.#waitOf.set(own, waiter);
  }

  /** The wait goes with the last of those who wait for it; `isDeciding`: what it asked may be in the batch in flight. */
  leave(own: string, isDeciding: boolean): void {
    const waiter = this.#waitOf.get(own);
    if (waiter !== undefined) this.#left(waiter, own);
    else if (isDeciding) this.#leaving.push(own);
  }

  /** A batch was concluded, or failed. */
  turned(): void {
    for (const own of this.#leaving.splice(0)) this.leave(own, false);
  }

  hear(event: Event): void {
    switch (event.kind) {
      case 'lock_acquired':
        if (event.pending === null) this.#granted(event.waiter, event, event.wish.resources, event.who?.principal);
        return;
      case 'lock_confirmed':
        return this.#granted(event.waiter, event, [event.resource], this.#holder(event));
      case 'lock_wait_ended':
        return this.#answer(event.waiter, { ok: false, refusal: REFUSALS[event.why], decision: null });
      default:
        return;
    }
  }

  #left(waiter: string, own: string): void {
    const all = this.#waiting.get(waiter) ?? [];
    const staying = all.filter((one) => one.own !== own);
    this.#waitOf.delete(own);
    this.#waiting.set(waiter, staying);
    for (const { callers } of all.filter((one) => one.own === own)) answerTo(callers, CANCELLED);
    if (staying.length > 0) return;
    this.#waiting.delete(waiter);
    this.#cancel(waiter);
  }

  #holder({ resource, token }: Event & { kind: 'lock_confirmed' }): string | undefined {
    return this.#parts.state.locks.get(resource)?.holders.find((holder) => holder.token === token)?.principal;
  }

  #granted(
    waiter: string | null,
    { seq, wallMs: atWallMs }: Event,
    resources: readonly string[],
    principal = '',
  ): void {
    if (waiter === null) return;
    const { state, now } = this.#parts;
    const locks = outcomesFor({ state, now: now() }, { resources }, principal);
    this.#answer(waiter, { ok: true, changed: true, decision: { seq, atWallMs }, standing: null, locks });
  }

  #answer(waiter: string, answer: Answer): void {
    const all = this.#waiting.get(waiter) ?? [];
    this.#waiting.delete(waiter);
    for (const { own } of all) if (own !== null) this.#waitOf.delete(own);
    for (const { callers } of all) answerTo(callers, answer);
  }
}

/** A lease runs from its decision on, and its commit took a while: nobody is promised more than is left. */
export function aged(answer: Answer, ageMs: number): Answer {
  if (!answer.ok || answer.locks === undefined || ageMs === 0) return answer;
  const locks = answer.locks.map((lock) => {
    const { expiresInMs } = lock;
    return expiresInMs === null ? lock : { ...lock, expiresInMs: Math.max(0, expiresInMs - ageMs) };
  });
  return { ...answer, locks };
}

/** The id under which whoever asked says that it is gone. */
export function ownWaitOf(input: Input): string | null {
  return input.kind === 'acquire_lock' ? (input.wait?.id ?? null) : null;
}

function answerTo(callers: readonly Caller[], answer: Answer): void {
  for (const caller of callers) caller.answer(answer);
}

const REFUSALS: Record<Ended['why'], Refusal> = {
  timeout: { code: 'wait_timeout', detail: 'The lock was not granted in the time that was given.' },
  cancelled: { code: 'conflict', detail: 'The wait was cancelled.' },
  forbidden: { code: 'forbidden', detail: 'The token of this request was revoked while it waited.' },
};

export const CANCELLED: Answer = { ok: false, refusal: REFUSALS.cancelled, decision: null };
