import type { Figures } from './events.ts';
import { type Appliance, type Circuit, HOUSE, type Household } from './model.ts';
import type { State } from './state.ts';
import { type Backgrounds, backgrounds, putBackground } from './unmanaged.ts';

/** The only state in which an appliance draws nothing for certain: ordered off, the relay obeyed, no meter objects. */
export function isConfirmedOff(a: Appliance): boolean {
  return hasGoneOff(a) && !a.drawsWhileOff;
}

function hasGoneOff(a: Appliance): boolean {
  return !a.order.isOn && a.order.isSettled && a.observed === 'off';
}

/** Its watts are free: confirmed off, or declared disconnected by an admin. What cannot be proven off frees nothing. */
export function isReleased(a: Appliance): boolean {
  return a.retired !== null || (isConfirmedOff(a) && a.evidence !== 'unproven');
}

/** Nobody asked the relay: its board cannot be read back. */
export function isAssumed({ evidence }: Appliance): boolean {
  return evidence === 'assumed' || evidence === 'unproven';
}

/** Off as far as anyone can tell, and counted all the same (`off_without_proof: hold`). */
export function isHeld(a: Appliance): boolean {
  return isConfirmedOff(a) && !isReleased(a);
}

/** Off as far as the board tells, and counted: nobody can prove it, or its meter says otherwise. */
export function isCountedOff(a: Appliance): boolean {
  return hasGoneOff(a) && !isReleased(a);
}

/** What it draws at most while it is on, as far as anyone knows. */
export function drawMw(a: Appliance): number {
  return Math.max(a.ratedMw, a.peakMw);
}

/** What admission counts (S2): everything that is not confirmed off, the unknown included. */
export function reservedMw(a: Appliance): number {
  return isReleased(a) ? 0 : drawMw(a);
}

/**
 * What shedding acts on: known to be on, less OFFs under way. Being unknown is no reason to shed (S2); that it draws
 * while it is off is one, and no OFF helps.
 */
export function knownMw(a: Appliance): number {
  if (a.retired !== null) return 0;
  if (a.drawsWhileOff) return drawMw(a);
  if (a.observed !== 'on') return 0;
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

/** It hangs on this circuit, or on one below it. */
export function isBelow(state: State, a: Appliance, circuitId: string): boolean {
  return pathOf(state, a.circuit).some(({ id }) => id === circuitId);
}

/**
 * Refuses (S1) where `nextMw` in place of `countedMw` would pass a limit: the figures of the first circuit that is too
 * small, as they stand at this moment (S8), and how much more was asked for.
 */
export function overflow(state: State, circuitId: string, nextMw: number, countedMw: number): Figures | null {
  const requestedMw = nextMw - countedMw;
  for (const { id: circuit, limitMw, reservedMw: reserved } of pathOf(state, circuitId)) {
    const exceededByMw = reserved + requestedMw - limitMw;
    if (exceededByMw > 0) return { circuit, limitMw, reservedMw: reserved, requestedMw, exceededByMw };
  }
  return null;
}

/** Replaces an appliance and keeps the totals of its circuits: a decision costs the depth of the tree. */
export function putAppliance(state: State, next: Appliance): void {
  const previous = state.appliances.get(next.id);
  if (previous === undefined) state.applianceCount += 1;
  else count(state, previous, -1);
  state.appliances.set(next.id, next);
  noteClaims(state, next);
  count(state, next, 1);
}

/** Lets lock delays find their commands without a walk over all appliances. */
export function noteClaims(state: State, { id, order: { isSettled, asker } }: Appliance): void {
  if (!isSettled && asker !== null && asker.claims.length > 0) state.claimed.set(id, id);
  else state.claimed.delete(id);
}

export function dropAppliance(state: State, id: string): void {
  const previous = state.appliances.get(id);
  if (previous === undefined) return;
  count(state, previous, -1);
  state.appliances.delete(id);
  state.claimed.delete(id);
  state.applianceCount -= 1;
}

function count(state: State, a: Appliance, sign: 1 | -1): void {
  const reserved = sign * reservedMw(a);
  const known = sign * knownMw(a);
  const held = isHeld(a) ? reserved : 0;
  if (reserved === 0 && known === 0) return;
  for (const circuit of pathOf(state, a.circuit)) {
    state.circuits.set(circuit.id, {
      ...circuit,
      reservedMw: circuit.reservedMw + reserved,
      knownMw: circuit.knownMw + known,
      heldMw: circuit.heldMw + held,
    });
  }
}

/**
 * Lays the circuit tree anew; the house starts with the load that no relay switches. What was measured in a circuit
 * outlives it where the circuit still has its meter: a start is no reason to forget a peak.
 */
export function layCircuits(state: State, household: Household, measured: Backgrounds = backgrounds(state)): void {
  for (const circuit of [...state.circuits.values()]) state.circuits.delete(circuit.id);
  const { limitMw, baseLoadMw: baseMw, metered = [] } = household;
  const house = { id: HOUSE, parent: null, limitMw };
  state.circuits.set(HOUSE, { ...EMPTY, ...house, reservedMw: baseMw, knownMw: baseMw, unmanagedMw: baseMw });
  for (const circuit of household.circuits) {
    state.circuits.set(circuit.id, { ...EMPTY, ...circuit, parent: circuit.parent ?? HOUSE });
  }
  for (const [id, backgroundMw] of measured) if (metered.includes(id)) putBackground(state, id, backgroundMw);
  for (const appliance of state.appliances.values()) count(state, appliance, 1);
}

const EMPTY = { reservedMw: 0, knownMw: 0, heldMw: 0, unmanagedMw: 0, backgroundMw: 0, childrenMw: 0 };
