import { resolve } from 'node:path';
import type { Args } from './args.ts';
import type { CliIo } from './io.ts';
import { needSettings } from './settings-file.ts';

/** The default of a checkout, as `npm start` uses it. */
export const DEFAULT_DATA_DIR = './data';

/** `--data-dir`, else what the configuration says, else the default. */
export async function dataDirOf(args: Args, io: CliIo): Promise<string> {
  const given = args.value('data-dir');
  if (given !== undefined) return resolve(io.cwd, given);
  const config = args.value('config');
  if (config !== undefined) return (await needSettings(config, io)).hub.dataDir;
  return resolve(io.cwd, DEFAULT_DATA_DIR);
}
