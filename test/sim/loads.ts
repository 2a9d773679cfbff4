import { pathOf, reservedMw } from '../../daemon/core/capacity.ts';
import { type Appliance, type Circuit, HOUSE } from '../../daemon/core/model.ts';
import type { State } from '../../daemon/core/state.ts';
import { Broken } from './broken.ts';

/** S4 with big integers, from nothing but the appliances. */
export function checkSums(state: State): void {
  for (const circuit of state.circuits.values()) {
    const sum = below(state, circuit).reduce((mw, a) => mw + BigInt(reservedMw(a)), BigInt(baseMw(state, circuit)));
    if (sum !== BigInt(circuit.reservedMw))
      throw new Broken('S4', `${circuit.id} counts ${circuit.reservedMw}, the sum is ${sum}`);
  }
}

/** S1: while more is known to be on than a circuit may carry, whatever may go is on its way off. */
export function checkSheds(state: State): void {
  for (const circuit of state.circuits.values()) {
    const known = below(state, circuit).filter(isKnownOn);
    const sumMw = known.reduce((mw, a) => mw + Math.max(a.ratedMw, a.peakMw), baseMw(state, circuit));
    const spare = known.find((a) => a.order.isOn && a.relay !== null && !a.isProtected);
    if (sumMw > circuit.limitMw && spare !== undefined)
      throw new Broken(
        'S1',
        `${circuit.id} is known to carry ${sumMw} of ${circuit.limitMw} mW, and ${spare.id} is not shed`,
      );
  }
}

function below(state: State, circuit: Circuit): Appliance[] {
  return [...state.appliances.values()].filter((a) => pathOf(state, a.circuit).some(({ id }) => id === circuit.id));
}

function baseMw({ household }: State, circuit: Circuit): number {
  return circuit.id === HOUSE ? household.baseLoadMw : 0;
}

/** Seen on, and no OFF under way: one that failed does not count as such. */
function isKnownOn({ retired, observed, order }: Appliance): boolean {
  const isOffUnderWay = !order.isOn && !order.isSettled && !order.hasFailed;
  return retired === null && observed === 'on' && !isOffUnderWay;
}
