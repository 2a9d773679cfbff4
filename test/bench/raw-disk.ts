import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { timed } from './figures.ts';
import type { Place } from './place.ts';

const PAGE = Buffer.alloc(4096, 0xa5);

/** What the disk takes to make 4 kB durable: the yardstick beside which our own figures are printed. */
export class RawDisk {
  readonly #file: number;

  constructor(place: Place) {
    this.#file = openSync(join(place.newFolder(), 'raw'), 'a');
    place.atEnd(() => closeSync(this.#file));
  }

  syncs(count: number): Promise<number[]> {
    return timed(count, () => {
      writeSync(this.#file, PAGE);
      fdatasyncSync(this.#file);
    });
  }
}

/** Both in turns within the same seconds, so that what else the machine does meets both. */
export async function besideRaw(
  raw: RawDisk,
  { rounds, count }: { rounds: number; count: number },
  ours: (i: number) => Promise<unknown>,
): Promise<{ rawMs: number[]; oursMs: number[] }> {
  const rawMs: number[] = [];
  const oursMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    rawMs.push(...(await raw.syncs(count)));
    oursMs.push(...(await timed(count, (i) => ours(round * count + i))));
  }
  return { rawMs, oursMs };
}
