import { readArgs } from './args.ts';
import { type CliIo, OK } from './io.ts';
import { LINK_OPTIONS, linkOf } from './lock-link.ts';
import { release } from './lock-verbs.ts';
import { fencingToken } from './lock-words.ts';
import { SYNOPSIS } from './synopsis.ts';

/** Gives a lock back. One that had ended already is no fault: the first answer may have been lost. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const values = [...LINK_OPTIONS, 'fencing-token', 'reason'];
  const args = readArgs(words, { usage: SYNOPSIS['lock release'], values, words: ['the resource'] });
  const resource = args.word(0);
  const token = fencingToken(args.required('fencing-token'));
  const reason = args.value('reason');
  const hub = { link: await linkOf(args, io), clock: io.clock };
  const wasHeld = await release(hub, { resource, token, ...(reason === undefined ? {} : { reason }) });
  io.err(
    wasHeld ? `"${resource}" is released` : `"${resource}" was not yours any more: it was released or had expired`,
  );
  return OK;
}
