import type { Event, Refusal } from '../core/events.ts';
import type { Answer } from '../core/inputs.ts';
import { outcomesFor } from '../core/locks/show.ts';
import type { Now } from '../core/model.ts';
import type { State } from '../core/state.ts';
import type { Caller } from './lanes.ts';

type Ended = Event & { kind: 'lock_wait_ended' };

/** Callers who wait for a lock. Their wait stands in the state and ends there: this only carries the word to them. */
export class LeaseWaiters {
  readonly #parts: { readonly state: State; readonly now: () => Now };
  readonly #callers = new Map<string, Caller[]>();

  constructor(parts: { readonly state: State; readonly now: () => Now }) {
    this.#parts = parts;
  }

  /** One wait may have several callers: a retry with the same key joins it. */
  await(waiter: string, callers: readonly Caller[]): void {
    if (callers.length > 0) this.#callers.set(waiter, [...(this.#callers.get(waiter) ?? []), ...callers]);
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
    const callers = this.#callers.get(waiter) ?? [];
    this.#callers.delete(waiter);
    for (const caller of callers) caller.answer(answer);
  }
}

const REFUSALS: Record<Ended['why'], Refusal> = {
  timeout: { code: 'wait_timeout', detail: 'The lock was not granted in the time that was given.' },
  cancelled: { code: 'conflict', detail: 'The wait was cancelled.' },
  forbidden: { code: 'forbidden', detail: 'The token of this request was revoked while it waited.' },
};
