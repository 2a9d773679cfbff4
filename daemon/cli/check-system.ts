import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Clock } from '../../relay-drivers/clock.ts';
import { type Check, fail, ok, warn } from './checks.ts';
import { wordsOf } from './errors.ts';

const execute = promisify(execFile);
const PATIENCE = { timeout: 5000 };

const NODE = 24;
/** Before it, a WAL database that two processes use can be corrupted (durability.md). */
const SQLITE = [3, 51, 3] as const;
/** Nobody ran this program before, and nobody sets a clock so far ahead. */
const FIRST_YEAR = 2025;
const LAST_YEAR = 2100;
/** More than the two clocks drift apart while the disk is measured: somebody set one of them. */
const STEP_MS = 500;
/** systemd-timesyncd leaves it once the clock was set from the network. */
const SYNCHRONIZED = '/run/systemd/timesync/synchronized';

/** `self` is how this program is started: the file of Node comes first. */
export async function checkNode([node = 'node']: readonly string[]): Promise<Check> {
  const version = (await execute(node, ['--version'], PATIENCE)).stdout.trim();
  const major = Number(/^v(\d+)/.exec(version)?.[1] ?? 0);
  return major >= NODE
    ? ok(`Node ${version}`)
    : fail(`Node ${version} is too old`, 'run npm ci: it brings the right one');
}

export async function checkSqlite(): Promise<Check> {
  try {
    const { default: Database } = await import('better-sqlite3');
    const database = new Database(':memory:');
    const version = String(database.prepare('select sqlite_version()').pluck().get());
    database.close();
    return judgeSqlite(version);
  } catch (error) {
    return fail(`SQLite does not load: ${wordsOf(error)}`, 'run npm ci again on this machine');
  }
}

export function judgeSqlite(version: string): Check {
  const parts = version.split('.').map(Number);
  const at = SQLITE.findIndex((part, index) => (parts[index] ?? 0) !== part);
  const isOld = at >= 0 && (parts[at] ?? 0) < (SQLITE[at] ?? 0);
  return isOld
    ? fail(`SQLite ${version} can corrupt a ledger`, `run npm ci: ${SQLITE.join('.')} or newer is needed`)
    : ok(`SQLite ${version}`);
}

/** How far wall time has moved against monotonic time since it was made. */
export function clockWatch(clock: Clock): () => number {
  const offset = () => clock.wallMs() - clock.nowMs();
  const before = offset();
  return () => Math.abs(offset() - before);
}

export function judgeClock(wallMs: number, steppedMs: number): Check {
  const year = new Date(wallMs).getUTCFullYear();
  if (year < FIRST_YEAR || year > LAST_YEAR)
    return fail(
      `the clock says ${new Date(wallMs).toISOString()}`,
      'set it, or give the machine a network time server or a clock chip',
    );
  if (steppedMs > STEP_MS)
    return warn(
      `the clock was set by ${Math.round(steppedMs)} ms while it was looked at`,
      'wait until the time is synchronised; the hub decides by a clock that cannot be set, only what it shows is off',
    );
  return ok(`the clock says ${new Date(wallMs).toISOString()}`);
}

/** Null where nobody can tell. */
export async function checkTimeService(): Promise<Check | null> {
  const isSynchronized = await access(SYNCHRONIZED).then(
    () => true,
    () => timedatectl(),
  );
  if (isSynchronized === null) return null;
  return isSynchronized
    ? ok('the clock is kept by the network')
    : warn('the clock is not kept by the network', 'switch it on: sudo timedatectl set-ntp true');
}

async function timedatectl(): Promise<boolean | null> {
  try {
    const { stdout } = await execute('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], PATIENCE);
    return stdout.trim() === 'yes';
  } catch {
    return null;
  }
}
