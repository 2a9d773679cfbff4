import { HOUSE } from '../core/model.ts';
import type { Entry, Finding } from './finding.ts';
import { hint } from './nearest.ts';

export interface CircuitPlace {
  readonly id: string;
  readonly parent: string | null;
}

/** The circuits are a tree under the house. */
export function checkCircuits(circuits: readonly Entry<CircuitPlace>[]): Finding[] {
  const parents = new Map<string, string | null>();
  for (const { value } of circuits) if (!parents.has(value.id)) parents.set(value.id, value.parent);
  return circuits.flatMap(({ index, value }) => [
    ...checkReserved(index, value),
    ...checkParent(index, value, [...parents.keys()]),
    ...checkCycle(index, value, parents),
  ]);
}

function checkReserved(index: number, { id }: CircuitPlace): Finding[] {
  if (id !== HOUSE) return [];
  return [{ path: ['circuits', index, 'id'], message: `${HOUSE} is the root itself; set its limit as limits.limit_w` }];
}

function checkParent(index: number, { parent }: CircuitPlace, ids: readonly string[]): Finding[] {
  if (parent === null || parent === HOUSE || ids.includes(parent)) return [];
  const known = [...ids, HOUSE];
  const near = hint(parent, known) || `; there are ${known.join(', ')}`;
  return [{ path: ['circuits', index, 'parent'], message: `no circuit has the id "${parent}"${near}` }];
}

/** Named at each circuit of the ring, with the way round. */
function checkCycle(index: number, { id }: CircuitPlace, parents: ReadonlyMap<string, string | null>): Finding[] {
  const way = [id];
  for (let at = parents.get(id); at !== undefined && at !== null; at = parents.get(at)) {
    if (at === id)
      return [{ path: ['circuits', index, 'parent'], message: `goes round in a circle: ${[...way, id].join(' -> ')}` }];
    if (way.includes(at)) return [];
    way.push(at);
  }
  return [];
}
