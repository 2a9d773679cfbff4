import { execFile } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CHUNK = Buffer.alloc(64 * 1024, 7);

/** A small disk of its own in memory, or why this user may not mount one; whoever mounts it unmounts it. */
export async function smallDisk(at: string, megabytes: number): Promise<Error | null> {
  mkdirSync(at);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'voltsafe-test', at]);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

export async function unmount(at: string): Promise<void> {
  await run('umount', ['-l', at]);
}

/** Takes all the room that is left. */
export function fill(disk: string, name: string): void {
  const file = openSync(join(disk, name), 'w');
  try {
    for (let size = CHUNK.length; size >= 1; ) {
      try {
        writeSync(file, CHUNK, 0, size);
      } catch {
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}
