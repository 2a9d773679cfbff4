import { drawMw, isBelow, pathOf } from './capacity.ts';
import type { Deciding } from './decision.ts';
import type { Appliance, Circuit } from './model.ts';
import { order } from './order.ts';

/** While what is known to be on is over a limit, the hub is in the act of shedding it (S1). */
export function shedAround(d: Deciding, circuitId: string): void {
  for (const circuit of pathOf(d.state, circuitId)) shedCircuit(d, circuit.id);
}

export function shedHouse(d: Deciding): void {
  for (const circuit of [...d.state.circuits.values()]) shedCircuit(d, circuit.id);
}

/** An order takes its watts out of `knownMw` at once, so that one overload sheds once. */
function shedCircuit(d: Deciding, circuitId: string): void {
  if (excess(d.state.circuits.get(circuitId)) <= 0) return;
  for (const victim of victims(d, circuitId)) {
    const circuit = d.state.circuits.get(circuitId);
    const exceededByMw = excess(circuit);
    if (circuit === undefined || exceededByMw <= 0) return;
    const { limitMw, knownMw } = circuit;
    order(d, victim, false, 'shed', {
      figures: { circuit: circuitId, limitMw, reservedMw: knownMw, requestedMw: 0, exceededByMw },
    });
  }
}

/** So many watts have to go, whatever is known to be on: a meter says so. */
export function shedBy(d: Deciding, circuitId: string, excessMw: number): void {
  let exceededByMw = excessMw;
  for (const victim of victims(d, circuitId)) {
    if (exceededByMw <= 0) return;
    const limitMw = d.state.circuits.get(circuitId)?.limitMw ?? 0;
    const figures = { circuit: circuitId, limitMw, reservedMw: limitMw + exceededByMw, requestedMw: 0, exceededByMw };
    order(d, victim, false, 'shed', { figures });
    exceededByMw -= drawMw(victim);
  }
}

function excess(circuit: Circuit | undefined): number {
  return circuit === undefined ? 0 : circuit.knownMw - circuit.limitMw;
}

/** What may go, first to go first: lowest priority, then what came on last. */
function victims(d: Deciding, circuitId: string): Appliance[] {
  return [...d.state.appliances.values()]
    .filter((a) => maySwitchOff(a) && isBelow(d.state, a, circuitId))
    .sort(byWorth);
}

function maySwitchOff(a: Appliance): boolean {
  return a.relay !== null && !a.isProtected && a.order.isOn && a.observed === 'on';
}

function byWorth(a: Appliance, b: Appliance): number {
  return a.priority - b.priority || b.order.generation - a.order.generation || (a.id < b.id ? -1 : 1);
}
