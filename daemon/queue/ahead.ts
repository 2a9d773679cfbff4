import type { Clock } from '../../relay-drivers/clock.ts';
import { isConfirmedOff } from '../core/capacity.ts';
import { decide } from '../core/decide.ts';
import type { Reply } from '../core/decision.ts';
import type { Event } from '../core/events.ts';
import type { Answer, Input } from '../core/inputs.ts';
import type { Now } from '../core/model.ts';
import { standing } from '../core/show.ts';
import { draftOf, type State } from '../core/state.ts';
import { answerAll, type Decided, TOO_SLOW } from './batch.ts';
import type { Entry } from './lanes.ts';
import { LIMITS } from './limits.ts';
import type { Dispatch } from './ports.ts';

interface Parts {
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  readonly now: () => Now;
}

/**
 * S7: while the ledger cannot commit, OFF and shedding still go out. A shadow of the state decides what they are; it
 * frees nothing and answers nobody but those who asked for an OFF. The inputs stay in their lane: they are decided
 * again, recorded and sent again as soon as the ledger can.
 */
export class SentAhead {
  readonly #shadow: State;
  readonly #parts: Parts;

  constructor(state: State, parts: Parts) {
    this.#shadow = draftOf(state);
    this.#parts = parts;
  }

  /** What was decided but is stuck in the commit. */
  sendDecided({ entry, events }: Decided): void {
    entry.isSentAhead = this.#sendOffs(entry, events) > 0;
  }

  /**
   * Safety inputs that came since. Returns those that turned out to be no OFF (a flip of what is off by now): they were
   * told 503 and must leave the lane, or they would switch on after the recovery what nobody expects any more (S11).
   */
  send(entries: readonly Entry[]): Entry[] {
    return entries.filter((entry) => !entry.isSentAhead && this.#sendOne(entry) === 'refused');
  }

  #sendOne(entry: Entry): 'sent' | 'refused' {
    entry.isSentAhead = true;
    if (isFlipOn(this.#shadow, entry.input)) {
      answerAll(entry, TOO_SLOW);
      return 'refused';
    }
    try {
      const { events, reply } = decide(this.#shadow, entry.input, this.#parts.now());
      this.#follow(entry, events, reply);
    } catch {
      // It stays in its lane, where the queue meets the same error and reports it.
    }
    return 'sent';
  }

  #follow(entry: Entry, events: readonly Event[], reply: Reply): void {
    if (this.#sendOffs(entry, events) > 0 || entry.input.kind !== 'toggle') return;
    if (reply.kind === 'awaiting') this.#off(reply.appliance, entry);
    else if (reply.kind === 'answered') answerAll(entry, this.#unrecorded(reply.answer));
  }

  #sendOffs(entry: Entry, events: readonly Event[]): number {
    const offs = events.flatMap((event) => (event.kind === 'ordered' && !event.isOn ? event.appliance : []));
    return offs.filter((id) => this.#off(id, entry)).length;
  }

  /** False for a declared load, which has no relay. */
  #off(id: string, entry: Entry): boolean {
    const a = this.#shadow.appliances.get(id);
    if (!a?.relay) return false;
    const sent = this.#parts.dispatch.emergencyOff(a.relay.bus, a.relay.channel);
    // Whoever asked for something else, a lockout say, hears what became of that: told 503, it would not know what it holds.
    if (entry.input.kind === 'toggle') void this.#answer(id, entry, sent);
    return true;
  }

  async #answer(id: string, entry: Entry, sent: Promise<boolean>): Promise<void> {
    const cancel = this.#parts.clock.after(LIMITS.answerMs, () => answerAll(entry, TOO_SLOW));
    const isConfirmed = await sent;
    cancel();
    if (isConfirmed) answerAll(entry, this.#obeyed(id));
  }

  /** Off at the relay, not yet in the ledger: its watts stay counted until it is. */
  #obeyed(id: string): Answer {
    return this.#unrecorded({
      ok: true,
      changed: true,
      decision: { seq: null, atWallMs: 0 },
      standing: standing(this.#shadow, id),
    });
  }

  #unrecorded(answer: Answer): Answer {
    // A refusal that only the shadow recorded is none; its event has no number yet.
    if (!answer.ok) return TOO_SLOW;
    return { ...answer, decision: { seq: null, atWallMs: this.#parts.now().wallMs } };
  }
}

function isFlipOn(shadow: State, input: Input): boolean {
  if (input.kind !== 'toggle' || input.want !== 'flip') return false;
  const a = shadow.appliances.get(input.appliance);
  return a !== undefined && isConfirmedOff(a);
}
