import { existsSync, mkdirSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyBytes } from '../../daemon/ledger/beside.ts';
import { LedgerPlace } from '../../daemon/ledger/place.ts';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import { grants } from './events.ts';
import { linesOf, startProgram, tempDir } from './fixtures.ts';

const OPTIONS = { bootId: 'boot-1', newOrigin: () => 'origin-1' };

function ledgerAt(path: string, events: number): string {
  mkdirSync(dirname(path), { recursive: true });
  const store = new LedgerStore(path, OPTIONS);
  store.append(grants(1, events));
  store.close();
  return path;
}

function home() {
  const folder = tempDir();
  const dataDir = join(folder, 'data');
  const path = ledgerAt(join(dataDir, 'ledger.db'), 9);
  const place = new LedgerPlace(path);
  copyBytes(ledgerAt(join(folder, 'copy.db'), 5), place.incoming);
  return { dataDir, path, place };
}

/** What a process has open; on Linux only, as the tests of edges. */
function openFiles(pid: number | undefined): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
}

describe('the place of a ledger, held', () => {
  it('a hub that waits for it while the ledger is replaced does not go on with the one of before', async () => {
    const { dataDir, path, place } = home();
    const hub = startProgram('holder', dataDir);
    await expect.poll(() => openFiles(hub.pid), { timeout: 10_000, interval: 2 }).toContain(path);
    place.put('now', () => {});
    place.release();
    expect(JSON.parse((await linesOf(hub)()) ?? '')).toMatchObject({ code: 'ledger_in_use' });
  });

  it('one that starts as soon as the new one is there keeps its log', () => {
    const { path, place } = home();
    const hubs: LedgerStore[] = [];
    place.put('now', (step) => {
      if (step === 'done') hubs.push(new LedgerStore(path, OPTIONS));
    });
    hubs[0]?.append(grants(6, 7));
    place.release();
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    hubs[0]?.close();
    const again = new LedgerStore(path, OPTIONS);
    expect(again.verify()).toBe(7);
    again.close();
  });

  it('is left as it was found when nothing is put there', () => {
    const { dataDir, path, place } = home();
    place.release();
    expect(readdirSync(dataDir)).toEqual(['ledger.db']);
    const none = join(tempDir(), 'none');
    new LedgerPlace(join(none, 'ledger.db')).release();
    expect([existsSync(none), statSync(path).nlink]).toEqual([false, 1]);
  });
});
