import { errorLine } from '../settings/load.ts';
import { readArgs } from './args.ts';
import { type CliIo, OK, USAGE } from './io.ts';
import { readSettings, summary } from './settings-file.ts';
import { SYNOPSIS } from './synopsis.ts';

/** Validates a configuration file: each error on a line of stdout, or one line that it is right. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const name = readArgs(words, { usage: SYNOPSIS['config check'], words: ['the file'] }).word(0);
  const loaded = await readSettings(name, io);
  if (!loaded.ok) {
    for (const error of loaded.errors) io.out(errorLine(error));
    io.err(`voltsafe: ${summary(name, loaded.errors.length)}`);
    return USAGE;
  }
  const { limits, circuits, buses, plugs } = loaded.settings;
  io.out(
    `${name}: ok (limit ${limits.limitMw / 1000} W, circuits: ${circuits.length}, buses: ${buses.length + plugs.length})`,
  );
  return OK;
}
