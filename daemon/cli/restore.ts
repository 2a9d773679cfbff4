import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { readArgs } from './args.ts';
import { momentOf } from './backup-words.ts';
import { dataDirOf } from './data-dir.ts';
import { WHO } from './desk-words.ts';
import { runError } from './errors.ts';
import { loadBackup } from './hub-module.ts';
import { type CliIo, OK } from './io.ts';
import { SYNOPSIS } from './synopsis.ts';

/** What a backup cannot know, in the words of who has to look after it. */
const SINCE = `What was decided after that is not known any more:
  - relays are read back at the start; what is on counts, whoever switched it on
  - lockouts and locks of since are gone: look before you trust one
  - tokens and MQTT users that were ended since are valid again, those made since are gone
  - a request of since that is sent again with its idempotency key is a new one`;

/** Puts a backup in the place of the ledger. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const shape = { values: ['config', 'data-dir'], words: ['the backup'] };
  const args = readArgs(words, { usage: SYNOPSIS.restore, ...shape });
  const dataDir = await dataDirOf(args, io);
  const file = resolve(io.cwd, args.word(0));
  const { events, lastWallMs, aside } = await restore(file, dataDir, io.clock.wallMs());
  io.out(`restored into ${dataDir}: ${events} events, the last of ${momentOf(lastWallMs)}`);
  if (aside !== null) io.err(`the ledger of before is kept as ${aside}`);
  io.err(SINCE);
  return OK;
}

async function restore(file: string, dataDir: string, wallMs: number) {
  const { restoreBackup, LedgerError } = await loadBackup();
  try {
    return restoreBackup({ file, dataDir, wallMs, origin: randomUUID(), bootId: randomUUID(), who: WHO });
  } catch (error) {
    if (error instanceof LedgerError) throw runError(`${error.what}; ${error.advice}`);
    throw error;
  }
}
