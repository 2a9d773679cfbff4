import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import type { Place } from './place.ts';

const BIN = fileURLToPath(new URL('../../daemon/voltsafe.js', import.meta.url));

/** `voltsafe simulate` in a process of its own, at 9600 baud; resolves with the port that a hub opens. */
export async function simulatedLine(place: Place, words: readonly string[]): Promise<string> {
  const link = join(place.newFolder(), 'line');
  const child = new Child(place, [BIN, 'simulate', ...words, '--link', link, '--exit-with-stdin']);
  return child.said(/^\w+ ready on (.+)$/m);
}
