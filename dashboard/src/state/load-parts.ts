import type { ApplianceView, LoadView } from '../wire.ts';
import { addWatts, subtractWatts } from '../words/watts.ts';

/**
 * A piece of what is reserved. `on`: drawing or about to; `held`: told off, on a board that cannot prove it; `unknown`:
 * counted because nobody knows; `base`: no relay of ours.
 */
export interface Part {
  readonly id: string;
  readonly name: string;
  readonly kind: 'base' | 'on' | 'held' | 'unknown';
  readonly watts: number;
}

const ORDER = { base: 0, on: 1, held: 2, unknown: 3 } as const;

/** What the reserved watts are made of: the load without a relay first, then what is on, then what is only counted. */
export function partsOf(load: LoadView, appliances: readonly ApplianceView[]): readonly Part[] {
  const counted = appliances.filter((a) => a.reserved_w > 0).map(partOf);
  const baseW = subtractWatts(load.reserved_w, addWatts(counted.map((part) => part.watts)));
  const base: Part[] = baseW > 0 ? [{ id: '', name: 'Without a switch here', kind: 'base', watts: baseW }] : [];
  return [...base, ...counted].sort((a, b) => ORDER[a.kind] - ORDER[b.kind] || b.watts - a.watts);
}

function partOf(a: ApplianceView): Part {
  const kind = a.relay_state === 'unknown' ? 'unknown' : isHeld(a) ? 'held' : 'on';
  return { id: a.id, name: a.name, kind, watts: a.reserved_w };
}

/** Off as far as the hub knows, and counted all the same: its board cannot prove it (`off_without_proof: hold`). */
export function isHeld({ relay_state: relay, reserved_w: reserved }: ApplianceView): boolean {
  return relay === 'off' && reserved > 0;
}

export function wattsOf(parts: readonly Part[], kind: Part['kind']): number {
  return addWatts(parts.filter((part) => part.kind === kind).map((part) => part.watts));
}
