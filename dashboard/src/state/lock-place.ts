import type { ApplianceView, LoadView } from '../wire.ts';
import { HOUSE, limitsAbove } from './circuits.ts';

/** What a lock is on. The hub obeys all but `free`, which only programs keep to among themselves. */
export type Place =
  | { readonly kind: 'hub' }
  | { readonly kind: 'circuit'; readonly id: string }
  | { readonly kind: 'appliance'; readonly id: string }
  | { readonly kind: 'free'; readonly name: string };

const HUB = 'hub';

export function placeOf(resource: string): Place {
  if (resource === HUB) return { kind: 'hub' };
  const [, kind, id = ''] = /^(appliance|circuit):(.+)$/s.exec(resource) ?? [];
  if (kind === 'circuit') return { kind, id };
  return kind === 'appliance' ? { kind, id } : { kind: 'free', name: resource };
}

/** The locks that an appliance obeys, from its own up to the hub's. */
export function resourcesAbove(load: LoadView, { id, circuit }: Pick<ApplianceView, 'id' | 'circuit'>): string[] {
  const circuits = limitsAbove(load, circuit).map((limit) => `circuit:${limit.circuit}`);
  return [`appliance:${id}`, ...circuits, HUB];
}

/** Whether the hub would switch anything off for a lock there. A name that only looks like one of the hub's is free. */
export function isObeyed(place: Place, load: LoadView, appliances: ReadonlyMap<string, unknown>): boolean {
  switch (place.kind) {
    case 'hub':
      return true;
    case 'circuit':
      return place.id === HOUSE || load.circuits.some(({ id }) => id === place.id);
    case 'appliance':
      return appliances.has(place.id);
    case 'free':
      return false;
  }
}
