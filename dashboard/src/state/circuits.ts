import type { ApplianceView, CircuitView, LoadView } from '../wire.ts';
import { subtractWatts, toMw } from '../words/watts.ts';

/** The root of the circuit tree: its figures are those of the load itself. */
export const HOUSE = 'house';

/** One limit on the way from an appliance to the mains. */
export interface Limit {
  readonly circuit: string;
  readonly limitW: number;
  readonly reservedW: number;
}

export function subCircuits(load: LoadView): readonly CircuitView[] {
  return load.circuits.filter((circuit) => circuit.id !== HOUSE);
}

/** From the circuit up to the house. A circuit that is not in the tree counts in the house alone. */
export function limitsAbove(load: LoadView, circuitId: string): readonly Limit[] {
  const byId = new Map(subCircuits(load).map((circuit) => [circuit.id, circuit]));
  const limits: Limit[] = [];
  for (let circuit = byId.get(circuitId); circuit !== undefined; circuit = byId.get(circuit.parent ?? HOUSE)) {
    limits.push({ circuit: circuit.id, limitW: circuit.limit_w, reservedW: circuit.reserved_w });
    byId.delete(circuit.id);
  }
  return [...limits, { circuit: HOUSE, limitW: load.limit_w, reservedW: load.reserved_w }];
}

/** How deep a circuit lies below the house: 1 for those directly under it. */
export function depthOf(load: LoadView, circuitId: string): number {
  return limitsAbove(load, circuitId).length - 1;
}

/**
 * The watts that are missing for an appliance to go on, at the first limit that is too small; 0 when there is room.
 * Only a hint for the eye: the hub alone decides.
 */
export function missingWatts(load: LoadView, appliance: ApplianceView): number {
  for (const { limitW, reservedW } of limitsAbove(load, appliance.circuit)) {
    const othersW = subtractWatts(reservedW, appliance.reserved_w);
    const missingMw = toMw(othersW) + toMw(appliance.wattage) - toMw(limitW);
    if (missingMw > 0) return missingMw / 1000;
  }
  return 0;
}
