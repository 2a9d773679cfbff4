import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorLine, type Loaded, loadSettings } from '../settings/load.ts';
import type { Settings } from '../settings/types.ts';
import { MAX_FILE_BYTES } from '../settings/yaml-text.ts';
import { usageError, wordsOf } from './errors.ts';
import type { CliIo } from './io.ts';
import { machineTimezone } from './time-zone.ts';

/** Reads and checks a configuration file, named as the caller named it. */
export async function readSettings(name: string, io: Pick<CliIo, 'cwd' | 'env'>): Promise<Loaded> {
  const text = await readText(resolve(io.cwd, name), name);
  return loadSettings(text, { file: name, folder: resolve(io.cwd, name, '..'), timezone: machineTimezone(io.env) });
}

/** Settings that are right; otherwise every error, one a line, and a usage error. */
export async function needSettings(name: string, io: Pick<CliIo, 'cwd' | 'env' | 'err'>): Promise<Settings> {
  const loaded = await readSettings(name, io);
  if (loaded.ok) return loaded.settings;
  for (const error of loaded.errors) io.err(errorLine(error));
  throw usageError(summary(name, loaded.errors.length));
}

export function summary(name: string, count: number): string {
  return `${count} ${count === 1 ? 'error' : 'errors'} in ${name}`;
}

async function readText(path: string, name: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) throw new Error(`it has ${size} bytes, at most ${MAX_FILE_BYTES} are read`);
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usageError(`${name} cannot be read: ${wordsOf(error)}`);
  }
}
