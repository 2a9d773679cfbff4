import { type Circuit, HOUSE } from './model.ts';
import type { State } from './state.ts';

/**
 * The load that no relay of ours switches. A circuit has what its own meter measured beyond its appliances, or what the
 * circuits below it have, whichever is more: both saw the same watts. The house has at least its base load.
 */
export function unmanagedMw(state: State, { id, backgroundMw, childrenMw }: Circuit): number {
  return Math.max(id === HOUSE ? state.household.baseLoadMw : 0, backgroundMw, childrenMw);
}

/** Counts a new background in its circuit and, as far as it shows there, in those above: the depth of the tree. */
export function putBackground(state: State, id: string, backgroundMw: number): void {
  const circuit = state.circuits.get(id);
  if (circuit !== undefined) recount(state, { ...circuit, backgroundMw });
}

function recount(state: State, circuit: Circuit): void {
  const moreMw = unmanagedMw(state, circuit) - circuit.unmanagedMw;
  state.circuits.set(circuit.id, {
    ...circuit,
    unmanagedMw: circuit.unmanagedMw + moreMw,
    reservedMw: circuit.reservedMw + moreMw,
    knownMw: circuit.knownMw + moreMw,
  });
  const parent = circuit.parent === null ? undefined : state.circuits.get(circuit.parent);
  if (parent !== undefined && moreMw !== 0) recount(state, { ...parent, childrenMw: parent.childrenMw + moreMw });
}

export type Backgrounds = readonly (readonly [circuit: string, backgroundMw: number])[];

export function backgrounds(state: State): Backgrounds {
  return [...state.circuits.values()].flatMap(({ id, backgroundMw }) =>
    backgroundMw === 0 ? [] : [[id, backgroundMw] as const],
  );
}
