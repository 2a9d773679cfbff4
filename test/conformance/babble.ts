import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../../relay-drivers/clock.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';

/** Garbage of one kind, piece after piece. */
export type Garbage = (length: number) => Uint8Array;

export function randomGarbage(seed: number): Garbage {
  const random = seededRandom(seed);
  return (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

export const sameByte =
  (byte: number): Garbage =>
  (length) =>
    new Uint8Array(length).fill(byte);

/** Says garbage again and again; returns what ends it. */
export function babble(clock: Clock, say: (bytes: Uint8Array) => void, garbage: Garbage, everyMs = 10): () => void {
  const PIECE = 10;
  let cancel = (): void => {};
  const again = (): void => {
    say(garbage(PIECE));
    cancel = clock.after(everyMs, again);
  };
  again();
  return () => cancel();
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Buffers are given back a little after the collection that found them. */
const MAX_COLLECTIONS = 6;

/** How many more bytes are held after `run` than before it; what nobody holds any more is waited for, down to `enough`. */
export async function growthOf(run: () => Promise<void> | void, enough: number): Promise<number> {
  const before = await held();
  await run();
  let growth = (await held()) - before;
  for (let turn = 1; turn < MAX_COLLECTIONS && growth >= enough; turn += 1) growth = (await held()) - before;
  return growth;
}

async function held(): Promise<number> {
  collect();
  await new Promise(setImmediate);
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
