import { constants, existsSync } from 'node:fs';
import { access, type FileHandle, open, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../../relay-drivers/clock.ts';
import { type Check, fail, ok, warn } from './checks.ts';
import { wordsOf } from './errors.ts';

/** Every order waits for one of these before a relay moves. */
const SAMPLES = 40;
const SLOW_MS = 50;
const BYTES = 4096;
/** Room for the ledger to grow for a long time, and for its reserve. */
const LEAST_FREE_BYTES = 100_000_000;
const TMPFS = 0x01021994;

/** The disk below the data directory: may it be written to, is there room, and how long does a commit take. */
export async function checkDisk(dataDir: string, clock: Clock): Promise<Check[]> {
  const folder = existing(dataDir);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return [await checkRoom(folder), judgeSync(await syncTimes(folder, clock), folder)];
  } catch (error) {
    return [fail(`${folder} cannot be written to: ${wordsOf(error)}`, 'give it to the user of the hub: sudo chown')];
  }
}

/** Where the data directory is to be made, when it is not there yet. */
function existing(dataDir: string): string {
  return existsSync(dataDir) || dirname(dataDir) === dataDir ? dataDir : existing(dirname(dataDir));
}

async function checkRoom(folder: string): Promise<Check> {
  const { bavail, bsize, type } = await statfs(folder);
  const free = bavail * bsize;
  const megabytes = `${Math.round(free / 1e6)} MB free on ${folder}`;
  if (type === TMPFS)
    return warn(`${folder} lies in memory`, 'what is decided is lost with the power: choose a --data-dir on a disk');
  return free >= LEAST_FREE_BYTES
    ? ok(megabytes)
    : warn(`only ${megabytes}`, 'make room: a full disk stops every order but OFF');
}

async function syncTimes(folder: string, clock: Clock): Promise<number[]> {
  const path = join(folder, `.doctor-${Math.round(clock.wallMs())}`);
  const file = await open(path, 'wx', 0o600);
  try {
    return await timed(file, clock);
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

async function timed(file: FileHandle, clock: Clock): Promise<number[]> {
  const times: number[] = [];
  const bytes = new Uint8Array(BYTES).fill(0x5a);
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await file.write(bytes);
    const startMs = clock.nowMs();
    await file.datasync();
    times.push(clock.nowMs() - startMs);
  }
  return times;
}

export function judgeSync(times: readonly number[], folder: string): Check {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const figures = `a commit takes ${at(0.5).toFixed(1)} ms, ${at(0.95).toFixed(1)} ms at p95 (fdatasync in ${folder})`;
  return at(0.95) <= SLOW_MS
    ? ok(figures)
    : warn(
        figures,
        'every order waits for it: put the data on an SSD, or on an SD card that is made for it (A2, industrial)',
      );
}
