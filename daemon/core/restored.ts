import type { Deciding, Reply } from './decision.ts';
import type { Input } from './inputs.ts';

/** Far more tokens than one resource is given between two restores; 2^53 has room for two million of them. */
const TOKEN_STEP = 2 ** 32;
/** More than one resource is given in a second. */
const TOKENS_A_SECOND = 2 ** 20;
const LAST_SECOND = 2 ** 32 - 1;

/**
 * A ledger from a backup does not know which fencing tokens were given out after it, nor of which resources. None of them
 * may be given out again (locks.md): all counters go on beyond anything that can have been. Of two restores of one backup
 * the second may not know of the first (the disk is new): there the time tells them apart.
 */
export function noteRestored(d: Deciding, input: Input & { kind: 'note_restored' }): Reply {
  const { origin, fromOrigin, fromSeq, knownFloor, who } = input;
  let highest = Math.max(knownFloor, d.state.tokenFloor);
  for (const { token } of d.state.locks.values()) highest = Math.max(highest, token);
  const tokenFloor = Math.max(highest + TOKEN_STEP, floorAt(d.now.wallMs));
  return d.done(d.emit({ kind: 'restored', origin, fromOrigin, fromSeq, tokenFloor }, who), null, true);
}

/** A clock that is centuries ahead shall not use up all the tokens. */
function floorAt(wallMs: number): number {
  return Math.min(Math.max(0, Math.floor(wallMs / 1000)), LAST_SECOND) * TOKENS_A_SECOND;
}
