import type { Event, Refusal, Request, Standing } from './events.ts';
import type { Answer } from './inputs.ts';
import type { LockTrouble } from './locks/model.ts';
import { type Kept, keptId, type State } from './state.ts';
import { oldest } from './table.ts';

/** Idempotency: the first answer to a key stands for 24 h of accumulated uptime. */
export const KEPT_FOR_MS = 24 * 3600 * 1000;
/** About 1 kB each: bounds the memory that clients can take; above it a new key is refused (429). */
export const KEPT_AT_MOST = 20_000;

export const UNREACHABLE: Refusal = {
  code: 'relay_unreachable',
  detail: 'The relay did not confirm the order; its watts stay counted until it is confirmed off.',
};

export function overtakenBy(isOn: boolean): Refusal {
  return {
    code: 'superseded',
    detail: `An ${isOn ? 'ON' : 'OFF'} overtook this request before the relay confirmed it.`,
  };
}

export function lostLock(lock: LockTrouble): Refusal {
  return { code: 'locked', detail: `The lock "${lock.resource}" was lost before the relay was told.`, lock };
}

/** Writes down what an event answers to the keys that wait for it, and forgets what is too old. */
export function keepAnswer(state: State, event: Event): void {
  switch (event.kind) {
    case 'ordered':
      settleReplaced(state, event);
      return startKept(
        state,
        event,
        event.generation,
        true,
        event.isSettled ? done(event, event.standing, true) : null,
      );
    case 'unchanged':
      return startKept(
        state,
        event,
        event.joins,
        false,
        event.joins === null ? done(event, event.standing, false) : null,
      );
    case 'refused':
      return startKept(state, event, null, false, refused(event, event.refusal, event.standing));
    case 'confirmed':
      return settleWaiting(state, event.appliance, (kept) => confirmedAnswer(kept, event.standing));
    case 'failed':
      return settleWaiting(state, event.appliance, (kept) => refused(kept, UNREACHABLE, event.standing));
    case 'appliance_removed':
      return forgetAppliance(state, event.appliance);
    case 'withdrawn':
      return takeBack(state, event);
    default:
      return;
  }
}

type Asked = Event & { readonly appliance: string; readonly request?: Request };

function startKept(
  state: State,
  event: Asked,
  generation: number | null,
  changed: boolean,
  answer: Answer | null,
): void {
  const { who, request } = event;
  if (who === null || request?.key === undefined || request.hash === undefined) return;
  const id = keptId(who.principal, request.key);
  const { appliance, seq, upMs: atUpMs, wallMs: atWallMs } = event;
  forgetOld(state, atUpMs);
  if (state.kept.get(id) === undefined) state.keptCount += 1;
  state.kept.set(id, { id, hash: request.hash, appliance, seq, atUpMs, atWallMs, changed, generation, answer });
  if (answer === null) waitFor(state, appliance, id);
}

function waitFor(state: State, appliance: string, id: string): void {
  state.waiting.set(appliance, [...(state.waiting.get(appliance) ?? []), id]);
}

/** Takes the keys that wait for the standing order of an appliance. */
function takeWaiting(state: State, appliance: string): Kept[] {
  const ids = state.waiting.get(appliance) ?? [];
  state.waiting.delete(appliance);
  return ids.flatMap((id) => state.kept.get(id) ?? []);
}

function settleWaiting(state: State, appliance: string, answer: (kept: Kept) => Answer): void {
  for (const kept of takeWaiting(state, appliance)) state.kept.set(kept.id, { ...kept, answer: answer(kept) });
}

function settleReplaced(state: State, event: Event & { kind: 'ordered' }): void {
  if (event.replaces === null || event.replaces.isOn === event.isOn) return;
  settleWaiting(state, event.appliance, (kept) => refused(kept, overtakenBy(event.isOn), undefined));
}

/** The caller was told to try again: the same key is then decided anew. Rare (a hung disk), so it may walk the table. */
/** A lock in the way is the answer; where the ledger was too slow the caller was told that nothing is promised. */
function takeBack(state: State, { appliance, generation, lock }: Event & { kind: 'withdrawn' }): void {
  if (lock === undefined) forgetOrder(state, appliance, generation);
  else settleWaiting(state, appliance, (kept) => refused(kept, lostLock(lock)));
}

function forgetOrder(state: State, appliance: string, generation: number): void {
  state.waiting.delete(appliance);
  for (const kept of [...state.kept.values()]) {
    if (kept.appliance !== appliance || kept.generation !== generation) continue;
    state.kept.delete(kept.id);
    state.keptCount -= 1;
  }
}

/** What still waits for an appliance that is gone is answered by nobody: one of the same id is another appliance. */
function forgetAppliance(state: State, appliance: string): void {
  for (const kept of takeWaiting(state, appliance)) {
    state.kept.delete(kept.id);
    state.keptCount -= 1;
  }
}

export function forgetOld(state: State, upMs: number): void {
  for (let first = oldest(state.kept); first !== undefined; first = oldest(state.kept)) {
    if (upMs - first.atUpMs < KEPT_FOR_MS) return;
    state.kept.delete(first.id);
    state.keptCount -= 1;
  }
}

/** Rows from before boards that cannot be read back say nothing of it: every relay was verified. */
function inWords(standing: Standing): Standing {
  const { appliance, load } = standing;
  return appliance.verified === undefined ? { appliance: { ...appliance, verified: true }, load } : standing;
}

function done(event: Event, standing: Standing | undefined, changed: boolean): Answer {
  const decision = { seq: event.seq, atWallMs: event.wallMs };
  return { ok: true, changed, decision, standing: standing === undefined ? null : inWords(standing) };
}

function confirmedAnswer(kept: Kept, standing: Standing | undefined): Answer {
  const decision = { seq: kept.seq, atWallMs: kept.atWallMs };
  return { ok: true, changed: kept.changed, decision, standing: standing === undefined ? null : inWords(standing) };
}

function refused(
  at: { seq: number } & ({ wallMs: number } | { atWallMs: number }),
  refusal: Refusal,
  standing?: Standing,
): Answer {
  const decision = { seq: at.seq, atWallMs: 'wallMs' in at ? at.wallMs : at.atWallMs };
  return { ok: false, refusal, decision, ...(standing === undefined ? {} : { standing: inWords(standing) }) };
}
