import { applyFact } from './apply.ts';
import type { Event, EventBody, Refusal, Standing } from './events.ts';
import type { Answer, Input, LockOutcome } from './inputs.ts';
import { keepAnswer } from './kept.ts';
import { HOUSE, type Now, type Who } from './model.ts';
import { standing } from './show.ts';
import type { State } from './state.ts';

/** What becomes of a caller once the events are durable. */
export type Reply =
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** The relay decides: answered when the order of this generation settles. */
  | {
      readonly kind: 'awaiting';
      readonly appliance: string;
      readonly generation: number;
      readonly seq: number;
      readonly atWallMs: number;
      readonly changed: boolean;
    }
  /** Answered once the relay was read for the first time (or is given up): until then its watts would count as on. */
  | { readonly kind: 'reading'; readonly appliance: string; readonly seq: number; readonly atWallMs: number }
  /** A lock that is held: answered when it is granted, or the wait ends. */
  | { readonly kind: 'queued'; readonly waiter: string; readonly seq: number; readonly atWallMs: number }
  /** Decided anew when something is heard of the appliance's relay. */
  | { readonly kind: 'deferred'; readonly appliance: string };

export interface Decision {
  readonly events: readonly Event[];
  readonly reply: Reply;
  /** Ordinary requests that follow from it, in this order. */
  readonly followUps: readonly Input[];
}

/** One input being decided: each event counts at once, for the next line of the same decision. */
export class Deciding {
  readonly state: State;
  readonly now: Now;
  readonly events: Event[] = [];
  readonly followUps: Input[] = [];

  constructor(draft: State, now: Now) {
    this.state = draft;
    this.now = now;
  }

  emit(body: EventBody, who: Who | null = null): Event {
    const fact = {
      ...body,
      seq: this.state.seq + 1,
      upMs: this.now.upMs,
      wallMs: this.now.wallMs,
      who,
      reservedMw: 0,
      limitMw: this.state.household.limitMw,
    };
    applyFact(this.state, fact);
    const { reservedMw = 0, limitMw = 0 } = this.state.circuits.get(HOUSE) ?? {};
    const event = { ...fact, ...this.#standingOf(fact), reservedMw, limitMw };
    keepAnswer(this.state, event);
    this.events.push(event);
    return event;
  }

  get nextSeq(): number {
    return this.state.seq + 1;
  }

  refuse(refusal: Refusal): Reply {
    return { kind: 'answered', answer: { ok: false, refusal, decision: null } };
  }

  done(event: Event | undefined, applianceId: string | null, changed: boolean): Reply {
    const decision = { seq: event?.seq ?? this.state.seq, atWallMs: this.now.wallMs };
    const shown = applianceId === null ? null : standing(this.state, applianceId);
    return { kind: 'answered', answer: { ok: true, changed, decision, standing: shown } };
  }

  /** Done, but the caller hears of it when the relay's state is known. */
  doneOnceRead(event: Event, appliance: string): Reply {
    const a = this.state.appliances.get(appliance);
    const isKnown = a === undefined || a.observed !== 'unknown' || a.fault !== null;
    if (isKnown) return this.done(event, appliance, true);
    return { kind: 'reading', appliance, seq: event.seq, atWallMs: event.wallMs };
  }

  /** Leases as they stand; `decision` where an earlier one is told again. */
  leased(
    locks: readonly LockOutcome[],
    changed: boolean,
    decision = { seq: this.state.seq, atWallMs: this.now.wallMs },
  ): Reply {
    return { kind: 'answered', answer: { ok: true, changed, decision, standing: null, locks } };
  }

  decision(reply: Reply): Decision {
    return { events: this.events, reply, followUps: this.followUps };
  }

  /** Only an answer that is kept for a key needs to be in the ledger. */
  #standingOf(event: Event): { standing?: Standing } {
    if (!('appliance' in event) || !this.#isKept(event)) return {};
    const shown = standing(this.state, event.appliance);
    return shown === null ? {} : { standing: shown };
  }

  #isKept(event: Event & { readonly appliance: string }): boolean {
    switch (event.kind) {
      case 'confirmed':
      case 'failed':
        return (this.state.waiting.get(event.appliance) ?? []).length > 0;
      case 'ordered':
        return event.isSettled && event.request?.key !== undefined;
      case 'refused':
        return event.request.key !== undefined;
      case 'unchanged':
        return event.request.key !== undefined && event.joins === null;
      default:
        return false;
    }
  }
}
