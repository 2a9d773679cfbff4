import { readArgs } from './args.ts';
import { askHub } from './ask-hub.ts';
import { dataDirOf } from './data-dir.ts';
import { type CliIo, OK } from './io.ts';
import { SYNOPSIS } from './synopsis.ts';
import { listing } from './token-handlers.ts';

/** One token a line: id, role, what it is used for, when it was made, name. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const args = readArgs(words, { usage: SYNOPSIS['token list'], values: ['config', 'data-dir'] });
  const tokens = listing.parse(await askHub(await dataDirOf(args, io), 'token.list', {}, io));
  for (const { id, role, use, createdWallMs, name } of tokens) {
    io.out([id, role.padEnd(8), use.padEnd(7), new Date(createdWallMs).toISOString(), name].join('  '));
  }
  if (tokens.length === 0) io.err('there are no tokens');
  return OK;
}
