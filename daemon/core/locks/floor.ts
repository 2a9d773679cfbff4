import type { State } from '../state.ts';
import { putRow } from './table.ts';

/** What is held stays held, under the token that its holder has: as after any start. */
export function raiseTokens(state: State, floor: number): void {
  state.tokenFloor = floor;
  for (const row of [...state.locks.values()]) putRow(state, { ...row, token: Math.max(row.token, floor) });
}
