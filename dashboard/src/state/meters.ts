import type { ApplianceView, LoadView, MeterView } from '../wire.ts';
import { HOUSE } from './circuits.ts';

/** What a meter hangs on. */
export type Target =
  | { readonly kind: 'house' }
  | { readonly kind: 'circuit'; readonly id: string }
  | { readonly kind: 'appliance'; readonly id: string };

export type KnownMeters = ReadonlyMap<string, MeterView>;

/** `house`, `circuit:<id>` or `appliance:<id>`; the circuit that is the house is the house. */
export function targetOf(measures: string): Target {
  const colon = measures.indexOf(':');
  const id = colon < 0 ? HOUSE : measures.slice(colon + 1);
  if (measures.startsWith('appliance:')) return { kind: 'appliance', id };
  return id === HOUSE ? { kind: 'house' } : { kind: 'circuit', id };
}

export function houseMeter(meters: KnownMeters): MeterView | null {
  return [...meters.values()].find(({ measures }) => targetOf(measures).kind === 'house') ?? null;
}

const ORDER = { house: 0, circuit: 1, appliance: 2 } as const;

/** The house first, then circuits, then appliances: a row never moves because of what its meter says. */
export function inOrder(meters: KnownMeters): readonly MeterView[] {
  const rank = ({ measures }: MeterView) => ORDER[targetOf(measures).kind];
  return [...meters.values()].sort((a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id));
}

/**
 * A meter talks between two commits, and the load of a kept answer knows nothing of it: where the house has a meter, the
 * meter's own word counts. A stale one says nothing, which is not 0 W.
 */
export function withMeasured(load: LoadView, meters: KnownMeters): LoadView {
  const meter = houseMeter(meters);
  const measured = meter === null ? load.measured_w : meter.stale ? null : meter.power_w;
  return measured === load.measured_w ? load : { ...load, measured_w: measured };
}

/** The appliances with a meter of their own, and whether it is fresh. */
export function ownMeters(meters: KnownMeters): ReadonlyMap<string, MeterView> {
  const byAppliance = new Map<string, MeterView>();
  for (const meter of meters.values()) {
    const target = targetOf(meter.measures);
    if (target.kind === 'appliance') byAppliance.set(target.id, meter);
  }
  return byAppliance;
}

/** As the hub shows it at its next commit: the power of its meter while that is fresh, else what it is counted with. */
export function withOwnMeter(a: ApplianceView, meter: MeterView | undefined): ApplianceView {
  if (meter === undefined) return a;
  const isFresh = !meter.stale && meter.power_w !== null;
  return { ...a, power_w: isFresh ? meter.power_w : unmeasured(a) };
}

function unmeasured({ relay_state: relay, reserved_w: reserved }: ApplianceView): number | null {
  if (relay === 'on') return reserved;
  return relay === 'off' && reserved === 0 ? 0 : null;
}
