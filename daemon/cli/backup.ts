import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readArgs } from './args.ts';
import { openSource } from './backup-source.ts';
import { megabytes, momentOf } from './backup-words.ts';
import { ControlError } from './control-wire.ts';
import { dataDirOf } from './data-dir.ts';
import { runError, usageError, wordsOf } from './errors.ts';
import { loadBackup } from './hub-module.ts';
import { type CliIo, OK } from './io.ts';
import { SYNOPSIS } from './synopsis.ts';

/** What the hub keeps in its data directory, and what it would keep there under a name like these. */
const OWN_NAMES = /^(ledger|telemetry|control|board)\b/;

/** A consistent copy of the ledger, written here: a running hub is only asked for its pages. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const shape = { values: ['config', 'data-dir'], flags: ['force'], words: ['the file to write'] };
  const args = readArgs(words, { usage: SYNOPSIS.backup, ...shape });
  const dataDir = await dataDirOf(args, io);
  const file = resolve(io.cwd, args.word(0));
  checkTarget(file, dataDir, args.flag('force'));
  if (!existsSync(join(dataDir, 'ledger.db'))) throw runError(`there is no ledger in ${dataDir}`);
  const { events, bytes, lastWallMs } = await write(file, dataDir, io.stop);
  io.out(`${file}: ${events} events, the last of ${momentOf(lastWallMs)}, ${megabytes(bytes)}; read back and whole`);
  io.err(
    'It holds who switched what and when, and the hashes of tokens and of MQTT passwords: keep it private. To go back to it: voltsafe restore',
  );
  return OK;
}

function checkTarget(file: string, dataDir: string, isForced: boolean): void {
  const folder = dirname(file);
  if (!existsSync(folder)) throw runError(`there is no folder ${folder}`);
  const isAmongOwn = existsSync(dataDir) && realpathSync(folder) === realpathSync(dataDir);
  if (isAmongOwn && OWN_NAMES.test(basename(file)))
    throw usageError(`${file} has a name of the hub's own files in ${dataDir}; choose another`);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isFile()) throw usageError(`${file} is no file that could be replaced`);
  if (!isForced) throw runError(`${file} is there already; choose another name, or replace it with --force`);
}

async function write(file: string, dataDir: string, stop: AbortSignal) {
  const { writeBackup, LedgerError } = await loadBackup();
  try {
    const source = await openSource(dataDir);
    try {
      return await writeBackup(file, source, { dataDir, stop });
    } finally {
      await source.close();
    }
  } catch (error) {
    if (error instanceof LedgerError) throw runError(`${error.what}; ${error.advice}`);
    if (error instanceof ControlError) throw runError(`${wordsOf(error)} (${error.code})`);
    throw error;
  }
}
