import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLedger } from '../../daemon/ledger/client.ts';
import { holderIn } from '../../daemon/ledger/holder.ts';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import { granted } from './events.ts';
import { codeOf, exitOf, failureOf, linesOf, startProgram, tempDir } from './fixtures.ts';

/** Where the kernel lists its locks, the refusal names the process that has this one. */
function holderText(dataDir: string, pid: number | undefined): string {
  const who = process.platform === 'linux' ? `process ${pid}` : 'another process';
  return `the data directory ${dataDir} is in use by ${who}`;
}

describe('the lock of a data directory', { timeout: 30_000 }, () => {
  it('refuses a second process, and lets it in once the first closed', async () => {
    const dataDir = tempDir();
    const first = startProgram('holder', dataDir);
    expect(await linesOf(first)()).toBe('open');
    const refusal = await failureOf(() => openLedger({ dataDir, bootId: 'second' }));
    expect(refusal).toMatchObject({ code: 'ledger_in_use', what: holderText(dataDir, first.pid) });
    expect(refusal.advice).toContain('data directory of its own');
    first.stdin.write('close\n');
    await exitOf(first);
    await (await openLedger({ dataDir, bootId: 'second' })).close();
  });

  it('is held against another process by the hub itself', async () => {
    const dataDir = tempDir();
    const ledger = await openLedger({ dataDir, bootId: 'first' });
    const second = startProgram('holder', dataDir);
    const refusal = JSON.parse((await linesOf(second)()) ?? '');
    expect(refusal).toMatchObject({ code: 'ledger_in_use', what: holderText(dataDir, process.pid) });
    await ledger.append([granted(1)]);
    await ledger.close();
  });

  it('is gone with a process that was killed, at once', async () => {
    const dataDir = tempDir();
    const first = startProgram('holder', dataDir);
    expect(await linesOf(first)()).toBe('open');
    first.kill('SIGKILL');
    // Not awaited: a predecessor that is still dying must not keep the next hub from starting.
    const store = new LedgerStore(join(dataDir, 'ledger.db'), { bootId: 'second', newOrigin: () => 'o' });
    store.append([granted(1)]);
    store.close();
  });

  it('keeps a second ledger of the same process out, and survives the attempt', async () => {
    const dataDir = tempDir();
    const ledger = await openLedger({ dataDir, bootId: 'first' });
    expect(await codeOf(() => openLedger({ dataDir, bootId: 'second' }))).toBe('ledger_in_use');
    expect(JSON.parse((await linesOf(startProgram('holder', dataDir))()) ?? '')).toMatchObject({
      code: 'ledger_in_use',
    });
    await ledger.close();
  });

  it('leaves no way in for a reader, nor the shared memory it would need', async () => {
    const dataDir = tempDir();
    await (await openLedger({ dataDir, bootId: 'first' })).close();
    const ledger = await openLedger({ dataDir, bootId: 'second' });
    await ledger.append([granted(1)]);
    const reader = new Database(join(dataDir, 'ledger.db'), { readonly: true, timeout: 1 });
    onTestFinished(() => void reader.close());
    expect(() => reader.prepare('SELECT count(*) FROM event').get()).toThrow('locked');
    expect(readdirSync(dataDir)).not.toContain('ledger.db-shm');
    await ledger.close();
  });
});

describe('the kernel\u2019s list of locks', () => {
  const LOCKS = [
    '1: FLOCK  ADVISORY  WRITE 100 fe:00:77 0 EOF',
    '2: POSIX  ADVISORY  WRITE 101 fe:00:77 0 10',
    '3: POSIX  ADVISORY  READ  102 fe:00:77 1073741826 1073742335',
    '3: -> POSIX  ADVISORY  WRITE 103 fe:00:77 1073741824 1073742335',
    '4: POSIX  ADVISORY  WRITE 104 fe:00:78 1073741824 1073742335',
    '5: POSIX  ADVISORY  WRITE 0 fe:00:79 1073741824 1073742335',
    '',
  ].join('\n');

  it('names who holds the lock of SQLite on a file, not who waits or holds something else', () => {
    expect([77, 78, 79, 80].map((inode) => holderIn(LOCKS, inode))).toEqual([null, 104, null, null]);
  });
});
