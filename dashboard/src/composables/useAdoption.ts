import { type ShallowRef, shallowRef } from 'vue';
import type { HubApi } from '../http/api.ts';
import type { Adoption, ApplianceView } from '../wire.ts';
import { type AdoptFailure, checkAdoption, sayAdoptFailure } from '../words/discovered.ts';
import { isUnauthorized } from './useSession.ts';

/** What a person typed; the watts are text, which the hub reads digit by digit. */
export interface Typed {
  readonly channel: number;
  readonly name: string;
  readonly room: string;
  readonly wattage: string;
  readonly circuit: string;
}

export interface AdoptionUse {
  readonly isAsking: ShallowRef<boolean>;
  readonly failure: ShallowRef<AdoptFailure | null>;
  submit(id: string, typed: Typed): Promise<void>;
}

/** Asks the hub to make an appliance of a found device. Nothing is assumed: the list and the rows change by its word. */
export function useAdoption(
  api: HubApi,
  on: { added(appliance: ApplianceView): void; signedOut(): void },
): AdoptionUse {
  const isAsking = shallowRef(false);
  const failure = shallowRef<AdoptFailure | null>(null);

  async function submit(id: string, typed: Typed): Promise<void> {
    if (isAsking.value) return;
    failure.value = checkAdoption(typed);
    if (failure.value !== null) return;
    isAsking.value = true;
    const outcome = await api.adopt(id, adoptionOf(typed));
    isAsking.value = false;
    if (outcome.ok) return on.added(outcome.value);
    if (isUnauthorized(outcome.failure)) return on.signedOut();
    failure.value = sayAdoptFailure(outcome.failure);
  }

  return { isAsking, failure, submit };
}

function adoptionOf({ channel, name, room, wattage, circuit }: Typed): Adoption {
  const said = { channel, wattage: wattage.trim().replace(/\s*w$/i, ''), circuit, room: room.trim() || null };
  return name.trim() === '' ? said : { ...said, name: name.trim() };
}
