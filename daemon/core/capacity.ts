import type { Figures } from './events.ts';
import { type Appliance, type Circuit, HOUSE, type Household } from './model.ts';
import type { State } from './state.ts';

/** The only state in which an appliance draws nothing for certain: ordered off, and the relay was seen to obey. */
export function isConfirmedOff(a: Appliance): boolean {
  return !a.order.isOn && a.order.isSettled && a.observed === 'off';
}

/** Its watts are free: confirmed off, or declared disconnected by an admin. */
export function isReleased(a: Appliance): boolean {
  return a.retired !== null || isConfirmedOff(a);
}

/** What it draws at most while it is on, as far as anyone knows. */
export function drawMw(a: Appliance): number {
  return Math.max(a.ratedMw, a.peakMw);
}

/** What admission counts (S2): everything that is not confirmed off, the unknown included. */
export function reservedMw(a: Appliance): number {
  return isReleased(a) ? 0 : drawMw(a);
}

/** What shedding acts on: known to be on, less OFFs under way. Being unknown is no reason to shed (S2). */
export function knownMw(a: Appliance): number {
  if (a.retired !== null || a.observed !== 'on') return 0;
  const isOffUnderWay = !a.order.isOn && !a.order.isSettled && !a.order.hasFailed;
  return isOffUnderWay ? 0 : drawMw(a);
}

/** From the circuit up to the house. An appliance whose circuit left the configuration counts in the house alone. */
export function pathOf(state: State, circuitId: string): Circuit[] {
  const path: Circuit[] = [];
  let circuit = state.circuits.get(circuitId) ?? state.circuits.get(HOUSE);
  while (circuit !== undefined) {
    path.push(circuit);
    circuit = circuit.parent === null ? undefined : state.circuits.get(circuit.parent);
  }
  return path;
}

/** Refuses (S1) where `requestedMw` in place of `countedMw` would pass a limit: the figures of the first circuit that is too small. */
export function overflow(state: State, circuitId: string, requestedMw: number, countedMw: number): Figures | null {
  for (const circuit of pathOf(state, circuitId)) {
    const othersMw = circuit.reservedMw - countedMw;
    const exceededByMw = othersMw + requestedMw - circuit.limitMw;
    if (exceededByMw > 0) {
      return { circuit: circuit.id, limitMw: circuit.limitMw, reservedMw: othersMw, requestedMw, exceededByMw };
    }
  }
  return null;
}

/** Replaces an appliance and keeps the totals of its circuits: a decision costs the depth of the tree. */
export function putAppliance(state: State, next: Appliance): void {
  const previous = state.appliances.get(next.id);
  if (previous === undefined) state.applianceCount += 1;
  else count(state, previous, -1);
  state.appliances.set(next.id, next);
  count(state, next, 1);
}

export function dropAppliance(state: State, id: string): void {
  const previous = state.appliances.get(id);
  if (previous === undefined) return;
  count(state, previous, -1);
  state.appliances.delete(id);
  state.applianceCount -= 1;
}

function count(state: State, a: Appliance, sign: 1 | -1): void {
  const reserved = sign * reservedMw(a);
  const known = sign * knownMw(a);
  if (reserved === 0 && known === 0) return;
  for (const circuit of pathOf(state, a.circuit)) {
    state.circuits.set(circuit.id, {
      ...circuit,
      reservedMw: circuit.reservedMw + reserved,
      knownMw: circuit.knownMw + known,
    });
  }
}

/** Lays the circuit tree anew; the house starts with the load that no relay switches. */
export function layCircuits(state: State, household: Household): void {
  for (const circuit of [...state.circuits.values()]) state.circuits.delete(circuit.id);
  const base = household.baseLoadMw;
  state.circuits.set(HOUSE, { id: HOUSE, parent: null, limitMw: household.limitMw, reservedMw: base, knownMw: base });
  for (const circuit of household.circuits) {
    const parent = circuit.parent ?? HOUSE;
    state.circuits.set(circuit.id, { ...circuit, parent, reservedMw: 0, knownMw: 0 });
  }
  for (const appliance of state.appliances.values()) count(state, appliance, 1);
}
