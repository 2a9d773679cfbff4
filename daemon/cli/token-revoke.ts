import { readArgs } from './args.ts';
import { askHub } from './ask-hub.ts';
import { dataDirOf } from './data-dir.ts';
import { type CliIo, OK } from './io.ts';
import { SYNOPSIS } from './synopsis.ts';

/** Ends a token: the next request with it is refused. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const usage = SYNOPSIS['token revoke'];
  const args = readArgs(words, { usage, values: ['config', 'data-dir'], words: ['the id of the token'] });
  const id = args.word(0);
  await askHub(await dataDirOf(args, io), 'token.revoke', { id }, io);
  io.err(`token ${id} is revoked`);
  return OK;
}
