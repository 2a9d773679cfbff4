import { existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { runError } from './errors.ts';

const NAME = 'control.sock';
/** sun_path has 108 bytes on Linux, one of them ends it (unix(7)). */
const LONGEST_BYTES = 107;
const OPEN_FILES = '/proc/self/fd';

/** The control socket of a data directory under a name that the kernel takes. */
export interface ControlPlace {
  readonly path: string;
  /** To be called once nobody needs the path any more. */
  release(): Promise<void>;
}

/**
 * A data directory may lie deeper than a socket's name may be long. Linux then reaches it through an open handle of the
 * directory, which stays short; the socket still lies in the directory itself, where nobody else can put one.
 */
export async function controlPlace(dataDir: string): Promise<ControlPlace> {
  const path = join(dataDir, NAME);
  if (Buffer.byteLength(path) <= LONGEST_BYTES) return { path, release: async () => {} };
  if (!existsSync(OPEN_FILES)) {
    throw runError(`${path} is too long for a socket (${LONGEST_BYTES} bytes): choose a shorter --data-dir`);
  }
  const directory: FileHandle = await open(dataDir, 'r');
  return { path: join(OPEN_FILES, String(directory.fd), NAME), release: () => directory.close() };
}
