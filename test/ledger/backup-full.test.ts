import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tempDir } from './fixtures.ts';

/** In a mount namespace of its own, which goes with the process. Needs no root where Linux lets users. */
function onSmallDisk(disk: string, size: string, ...command: string[]): ReturnType<typeof spawnSync> {
  const script = `mount -t tmpfs -o size=${size} tmpfs "$0" && exec "$@"`;
  return spawnSync('unshare', ['-Urm', 'sh', '-c', script, disk, ...command], { encoding: 'utf8', timeout: 60_000 });
}

const PROGRAM = fileURLToPath(new URL('./programs/full-backup.ts', import.meta.url));

describe('a backup that does not fit leaves nothing of it, and the ledger well', { timeout: 60_000 }, () => {
  it.for([
    ['on a disk of its own', '2m', false, /^backup_failed: .*(full|ENOSPC)/],
    [
      'on the disk of the ledger, which keeps its room',
      '20m',
      true,
      /^backup_failed: the disk of the ledger would be filled up/,
    ],
  ] as const)('%s', ([_, size, isShared, words], { skip }) => {
    const disk = tempDir();
    const dataDir = join(isShared ? disk : tempDir(), 'data');
    if (onSmallDisk(disk, size, 'true').status !== 0) skip('this system lets nobody mount a small disk (unshare -Urm)');
    const { stdout, stderr } = onSmallDisk(disk, size, process.execPath, PROGRAM, disk, dataDir);
    const seen = JSON.parse(String(stdout) || `{ "said": ${JSON.stringify(String(stderr))} }`);
    expect(seen).toEqual({ said: expect.stringMatching(words), left: isShared ? ['data'] : [], events: 1 });
  });
});
