import { decide } from '../core/decide.ts';
import type { Event } from '../core/events.ts';
import type { Answer } from '../core/inputs.ts';
import type { Now } from '../core/model.ts';
import { standing } from '../core/show.ts';
import { draftOf, type State } from '../core/state.ts';
import { answerAll, type Decided } from './batch.ts';
import type { Entry } from './lanes.ts';
import type { Dispatch } from './ports.ts';

/**
 * S7: while the ledger cannot commit, OFF and shedding still go out. A shadow of the state decides what they are; it
 * frees nothing and answers nobody but those who asked for an OFF. The inputs stay in their lane: they are decided
 * again, recorded and sent again as soon as the ledger can.
 */
export class SentAhead {
  readonly #shadow: State;
  readonly #dispatch: Dispatch;
  readonly #now: () => Now;

  constructor(state: State, dispatch: Dispatch, now: () => Now) {
    this.#shadow = draftOf(state);
    this.#dispatch = dispatch;
    this.#now = now;
  }

  /** What was decided but is stuck in the commit. */
  sendDecided({ entry, events }: Decided): void {
    entry.isSentAhead = true;
    this.#sendEvents(entry, events);
  }

  /** Safety inputs that came since. */
  send(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.isSentAhead) continue;
      entry.isSentAhead = true;
      this.#sendEvents(entry, decide(this.#shadow, entry.input, this.#now()).events);
    }
  }

  #sendEvents(entry: Entry, events: readonly Event[]): void {
    for (const event of events) if (event.kind === 'ordered' && !event.isOn) this.#off(event.appliance, entry);
  }

  #off(id: string, entry: Entry): void {
    const a = this.#shadow.appliances.get(id);
    if (!a?.relay) return;
    const { bus, channel } = a.relay;
    void this.#dispatch.emergencyOff(bus, channel).then((isConfirmed) => {
      if (isConfirmed && entry.input.kind === 'toggle') answerAll(entry, this.#unrecorded(id));
    });
  }

  /** Off at the relay, not yet in the ledger: its watts stay counted until it is. */
  #unrecorded(id: string): Answer {
    const decision = { seq: null, atWallMs: this.#now().wallMs };
    return { ok: true, changed: true, decision, standing: standing(this.#shadow, id) };
  }
}
