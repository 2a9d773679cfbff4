import { readArgs } from './args.ts';
import { type CliIo, OK } from './io.ts';
import { linkOf, seconds } from './lock-link.ts';
import { acquire, type Held } from './lock-verbs.ts';
import { ASK_SHAPE, lockAskOf } from './lock-words.ts';
import { SYNOPSIS } from './synopsis.ts';

/** Takes a lock and leaves it held: only its fencing token on stdout, so that a script can keep it. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const args = readArgs(words, { usage: SYNOPSIS['lock acquire'], ...ASK_SHAPE, words: ['the resource'] });
  const asked = lockAskOf(args);
  const hub = { link: await linkOf(args, io), clock: io.clock };
  // A signal ends this process like any other, and the hub forgets a wait with its connection.
  const stop = new AbortController().signal;
  const held = await acquire(hub, asked, { stop, onTrouble: (what) => io.err(`voltsafe: ${what}; asking again`) });
  io.err(`"${held.resource}" is yours ${until(held)}; its fencing token:`);
  io.out(String(held.token));
  return OK;
}

function until({ ttlMs }: Held): string {
  return ttlMs === null ? 'until it is released' : `for ${seconds(ttlMs)}, or until it is released`;
}
