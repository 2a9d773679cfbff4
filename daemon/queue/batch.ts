import { decide } from '../core/decide.ts';
import type { Decision, Reply } from '../core/decision.ts';
import type { Event } from '../core/events.ts';
import type { Answer, Input } from '../core/inputs.ts';
import type { Now } from '../core/model.ts';
import { draftOf, type State } from '../core/state.ts';
import type { Entry } from './lanes.ts';
import { LEDGER_TOO_SLOW } from './waiters.ts';

/** One input of a batch, decided. */
export interface Decided {
  readonly entry: Entry;
  readonly reply: Reply;
  readonly followUps: readonly Input[];
  readonly events: readonly Event[];
}

/** Everything that waited, decided in order on one draft: one transaction, one fsync. */
export interface Batch {
  readonly decided: readonly Decided[];
  readonly events: readonly Event[];
  /** The state as it will be; dropped when the commit fails. */
  readonly draft: State;
  /** By the clock, on which a stall counts in full: what leaves too long after it is late (S11). */
  readonly decidedMs: number;
}

/** Of uptime, and of the clock. */
export interface Moment extends Now {
  readonly clockMs: number;
}

/** `failed` hears of an input that could not be decided (a fault of ours): the others are decided without it. */
export function decideBatch(
  state: State,
  entries: readonly Entry[],
  now: Moment,
  failed: (entry: Entry, error: unknown) => void,
): Batch {
  const draft = draftOf(state);
  const decided: Decided[] = [];
  for (const entry of entries) {
    const decision = attempt(draft, entry, now, failed);
    if (decision === null)
      return decideBatch(
        state,
        entries.filter((other) => other !== entry),
        now,
        failed,
      );
    decided.push({ entry, ...decision });
  }
  return { decided, draft, events: decided.flatMap(({ events }) => events), decidedMs: now.clockMs };
}

function attempt(
  draft: State,
  entry: Entry,
  now: Moment,
  failed: (entry: Entry, error: unknown) => void,
): Decision | null {
  try {
    const { upMs, wallMs } = now;
    return decide(draft, entry.input, { upMs, wallMs, askedUpMs: Math.min(entry.askedUpMs, upMs) });
  } catch (error) {
    failed(entry, error);
    return null;
  }
}

/** The order that switches on, if this input was granted one. */
export function grantedOn({ events }: Decided): { appliance: string; generation: number } | null {
  const on = events.find((event) => event.kind === 'ordered' && event.isOn && event.cause === 'request');
  return on?.kind === 'ordered' ? { appliance: on.appliance, generation: on.generation } : null;
}

export function answerAll(entry: Entry, answer: Answer): void {
  for (const caller of entry.callers.splice(0)) caller.answer(answer);
}

export const TOO_SLOW: Answer = { ok: false, refusal: LEDGER_TOO_SLOW, decision: null };
