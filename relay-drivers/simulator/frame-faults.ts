import type { Faults } from './faults.ts';
import { type Random, spoil } from './spoil.ts';

type Way = 'requests' | 'replies';
type Kind = 'drop' | 'corrupt' | 'duplicate';

/** What becomes of a frame on its way: nothing, itself, or two of it, each perhaps spoiled. */
export function afflict(frame: Uint8Array, way: Way, faults: Faults, random: Random): Uint8Array[] {
  if (strikes('drop', way, faults, random)) return [];
  const copies = strikes('duplicate', way, faults, random) ? [frame, frame] : [frame];
  return copies.map((copy) => (strikes('corrupt', way, faults, random) ? spoil(copy, random) : copy));
}

/** Draws nothing for what is certain, so that a world without faults leaves the random numbers alone. */
function strikes(kind: Kind, way: Way, faults: Faults, random: Random): boolean {
  const chance = Math.max(faults[kind], faults[`${kind}_${way}`]);
  if (chance <= 0) return false;
  return chance >= 1 || random() < chance;
}
