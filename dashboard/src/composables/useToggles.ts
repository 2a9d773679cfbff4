import { type ShallowRef, shallowRef } from 'vue';
import type { HubApi } from '../http/api.ts';
import { freshKey } from '../http/key.ts';
import { applyAnswer, type HubState } from '../state/hub-state.ts';
import { partsOf, wattsOf } from '../state/load-parts.ts';
import { claimsOf, isLockedOut, locksOver } from '../state/locks.ts';
import { isSettled, nextWant, type Pending } from '../state/toggle.ts';
import type { ApplianceView, Problem, ToggleAnswer } from '../wire.ts';
import { type Failure, type RefusalWords, sayFailure } from '../words/refusal.ts';
import { isUnauthorized } from './useSession.ts';

/** What came of the last toggle, when it was not simply done. One at a time: it stands at the row that was pressed. */
export interface Notice {
  readonly applianceId: string;
  readonly wantOn: boolean;
  readonly words: RefusalWords;
  readonly problem: Problem | null;
}

export interface Toggles {
  readonly pending: ShallowRef<ReadonlyMap<string, Pending>>;
  readonly notice: ShallowRef<Notice | null>;
  pendingOf(id: string): Pending | null;
  press(id: string): void;
  ask(id: string, wantOn: boolean): Promise<void>;
  dismiss(): void;
}

const UNRECORDED: RefusalWords = {
  title: 'Switched off, not yet recorded',
  text: 'The hub cannot write to its disk at the moment. The OFF went out all the same; the picture follows when the hub can record it.',
};

/** Asks the hub and shows as pending what it has not answered; the state itself changes only by the hub's word. */
export function useToggles(
  state: ShallowRef<HubState | null>,
  api: HubApi,
  { principal, signedOut }: { readonly principal: string; signedOut(): void },
): Toggles {
  const pending = shallowRef<ReadonlyMap<string, Pending>>(new Map());
  const notice = shallowRef<Notice | null>(null);

  function pendingOf(id: string): Pending | null {
    const asked = pending.value.get(id) ?? null;
    const known = state.value?.appliances.get(id);
    return asked !== null && known !== undefined && isSettled(known.view, known.seq, asked) ? null : asked;
  }

  function press(id: string): void {
    const known = state.value?.appliances.get(id);
    if (known !== undefined) void ask(id, nextWant(known.view, pendingOf(id)));
  }

  async function ask(id: string, wantOn: boolean): Promise<void> {
    const known = state.value?.appliances.get(id);
    const asked = pendingOf(id);
    // The hub repeats an OFF until the relay obeys: asking twice adds nothing.
    if (known === undefined || (asked !== null && asked.wantOn === wantOn)) return;
    const mine: Pending = { wantOn, askedAtSeq: known.seq };
    if (notice.value?.applianceId === id) notice.value = null;
    pending.value = new Map(pending.value).set(id, mine);
    const outcome = await api.toggle(id, wantOn, freshKey(), claimsFor(known.view));
    const isLatest = pending.value.get(id) === mine;
    if (isLatest) pending.value = without(pending.value, id);
    if (outcome.ok) done(outcome.value, wantOn);
    else if (isLatest) failed(known.view, wantOn, outcome.failure);
  }

  function claimsFor(appliance: ApplianceView): string | null {
    const now = state.value;
    return now === null ? null : claimsOf(locksOver(now.locks, now.load, appliance), principal);
  }

  function done(answer: ToggleAnswer, wantOn: boolean): void {
    if (state.value !== null) state.value = applyAnswer(state.value, answer);
    if (answer.decision.seq === null) {
      notice.value = { applianceId: answer.appliance.id, wantOn, words: UNRECORDED, problem: null };
    }
  }

  function failed({ id, name }: ApplianceView, wantOn: boolean, failure: Failure): void {
    if (isUnauthorized(failure)) return signedOut();
    const problem = failure.kind === 'problem' ? failure.problem : null;
    const isOut = isLockedOut(state.value?.locks, problem?.resource);
    const words = sayFailure(failure, { name, wantOn, isLockedOut: isOut, ...onlyCounted(state.value) });
    notice.value = { applianceId: id, wantOn, words, problem };
  }

  function dismiss(): void {
    notice.value = null;
  }

  return { pending, notice, pendingOf, press, ask, dismiss };
}

/** What takes room though nobody knows it to be drawn. */
function onlyCounted(state: HubState | null): { readonly unknownW: number; readonly heldW: number } {
  if (state === null) return { unknownW: 0, heldW: 0 };
  const views = [...state.appliances.values()].map(({ view }) => view);
  const parts = partsOf(state.load, views);
  return { unknownW: wattsOf(parts, 'unknown'), heldW: wattsOf(parts, 'held') };
}

function without(pending: ReadonlyMap<string, Pending>, id: string): ReadonlyMap<string, Pending> {
  const rest = new Map(pending);
  rest.delete(id);
  return rest;
}
