import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  connectLedger,
  type OpenLedger,
  type OpenOptions,
  openLedger,
  startWorker,
} from '../../daemon/ledger/client.ts';
import { MAX_WAITING_CALLS, RESERVE_BYTES } from '../../daemon/ledger/limits.ts';
import { granted, grants } from './events.ts';
import { codeOf, failureOf, tempDir } from './fixtures.ts';

async function open(options: Partial<OpenOptions> = {}): Promise<OpenLedger> {
  const ledger = await openLedger({ dataDir: tempDir(), bootId: 'boot-1', ...options });
  onTestFinished(() => ledger.close());
  return ledger;
}

describe('the ledger in its thread', { timeout: 30_000 }, () => {
  it('records, reads, and gives everything back at the next start', async () => {
    const dataDir = join(tempDir(), 'deep', 'data');
    const first = await open({ dataDir });
    expect(first.stored).toMatchObject({ snapshot: null, tail: [], lastSeq: 0, lastUpMs: 0 });
    await first.append(grants(1, 2500));
    expect(await first.read(2497, 10)).toEqual(grants(2498, 2500));
    await first.saveSnapshot(400, '{"at":400}');
    await first.close();
    const second = await open({ dataDir, bootId: 'boot-2' });
    expect(second.stored).toEqual({
      origin: first.stored.origin,
      restoredFrom: null,
      snapshot: { seq: 400, state: '{"at":400}' },
      tail: grants(401, 2500),
      lastSeq: 2500,
      lastUpMs: 25_000,
    });
    expect(first.stored.origin).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    second.forgetStored();
    expect(second.stored).toMatchObject({ snapshot: null, tail: [], lastSeq: 2500 });
  });

  it('rejects a batch with its reason, keeps nothing of it, and goes on', async () => {
    const ledger = await open();
    const gap = await failureOf(() => ledger.append([granted(1), granted(3)]));
    expect(gap).toMatchObject({ code: 'ledger_failed', what: 'event 3 does not follow 1' });
    expect(gap.advice).not.toBe('');
    expect(await ledger.read(0, 10)).toEqual([]);
    await ledger.append([granted(1)]);
  });

  it('says why it cannot open', async () => {
    const dataDir = tempDir();
    await (await open({ dataDir })).close();
    const db = new Database(join(dataDir, 'ledger.db'));
    db.pragma('user_version = 99');
    db.close();
    expect(await codeOf(() => open({ dataDir }))).toBe('ledger_newer');
    expect(await codeOf(() => open({ dataDir: '/dev/null/data' }))).toBe('ledger_failed');
  });

  it('tells a changed history at the start, and has replaced nothing', async () => {
    const dataDir = tempDir();
    const ledger = await open({ dataDir });
    await ledger.append(grants(1, 1500));
    await ledger.close();
    const db = new Database(join(dataDir, 'ledger.db'));
    db.exec(`UPDATE event SET body = '{}' WHERE seq = 1400`);
    db.close();
    const failure = await failureOf(() => open({ dataDir }));
    expect(failure).toMatchObject({ code: 'ledger_corrupt', what: 'event 1400 or the one before it was changed' });
    const after = new Database(join(dataDir, 'ledger.db'), { readonly: true });
    expect(after.prepare('SELECT count(*) FROM event').pluck().get()).toBe(1500);
    after.close();
  });

  it('answers what was asked before close(), refuses what comes after, and may be closed twice', async () => {
    const dataDir = tempDir();
    const ledger = await open({ dataDir });
    const asked = [ledger.append(grants(1, 5)), ledger.saveSnapshot(5, JSON.stringify('s'.repeat(900_000)))];
    const closed = ledger.close();
    expect(await codeOf(() => ledger.append([granted(6)]))).toBe('ledger_closed');
    expect(await codeOf(() => ledger.read(0, 1))).toBe('ledger_closed');
    await Promise.all([...asked, closed, ledger.close()]);
    expect(await Promise.race([ledger.lost, Promise.resolve('not lost')])).toBe('not lost');
    expect((await open({ dataDir })).stored).toMatchObject({ lastSeq: 5, snapshot: { seq: 5 } });
  });

  it('commits between the parts of a large snapshot', async () => {
    const ledger = await open();
    await ledger.append([granted(1)]);
    const order: string[] = [];
    const state = JSON.stringify('s'.repeat(8_000_000));
    const snapshot = ledger.saveSnapshot(1, state).then(() => order.push('snapshot'));
    await ledger.append([granted(2)]).then(() => order.push('append'));
    await snapshot;
    expect(order).toEqual(['append', 'snapshot']);
  });

  it('bounds what may wait for it, and takes calls again afterwards', async () => {
    const ledger = await open();
    await ledger.append([granted(1)]);
    const reads = Array.from({ length: MAX_WAITING_CALLS + 1 }, () => ledger.read(0, 1));
    const results = await Promise.allSettled(reads);
    expect(results.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1);
    const appends = Array.from({ length: MAX_WAITING_CALLS + 1 }, () => ledger.append([]));
    const answers = await Promise.allSettled(appends);
    expect(answers.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'ledger_failed' } });
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await ledger.read(0, 1)).toHaveLength(1);
  });

  it('refuses a third snapshot while two are being written', async () => {
    const ledger = await open();
    await ledger.append(grants(1, 3));
    const state = JSON.stringify('s'.repeat(1_000_000));
    const results = await Promise.allSettled([1, 2, 3].map((seq) => ledger.saveSnapshot(seq, state)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });

  it('keeps its reserve from the first start on', async () => {
    const dataDir = tempDir();
    const ledger = await open({ dataDir });
    const sizeOfReserve = () => statSync(join(dataDir, 'ledger.reserve'), { throwIfNoEntry: false })?.size;
    await expect.poll(sizeOfReserve).toBe(RESERVE_BYTES);
    expect(statSync(join(dataDir, 'ledger.reserve')).mode & 0o777).toBe(0o600);
    expect(ledger.room).toBe('ok');
  });
});

describe('a slow or lost thread', { timeout: 30_000 }, () => {
  it('lets a read wait for the commit before it', async () => {
    const ledger = await open({ commitDelayMs: 60 });
    const order: string[] = [];
    const append = ledger.append([granted(1)]).then(() => order.push('append'));
    const read = ledger.read(0, 10).then((events) => order.push(`read ${events.length}`));
    await Promise.all([append, read]);
    expect(order).toEqual(['append', 'read 1']);
  });

  it('fails every call that waits and every later one when the thread is gone', async () => {
    const worker = startWorker({ dataDir: tempDir(), bootId: 'boot-1', commitDelayMs: 60_000 });
    const ledger = await connectLedger(worker);
    const waiting = [ledger.append([granted(1)]), ledger.read(0, 1), ledger.saveSnapshot(0, '{}')];
    const failures = waiting.map((call) => codeOf(() => call));
    await worker.terminate();
    expect(await Promise.all(failures)).toEqual(['ledger_failed', 'ledger_failed', 'ledger_failed']);
    expect(await ledger.lost).toMatchObject({ code: 'ledger_failed' });
    expect(await codeOf(() => ledger.append([granted(1)]))).toBe('ledger_failed');
    expect(await codeOf(() => ledger.read(0, 1))).toBe('ledger_failed');
    await ledger.close();
  });

  it('rejects the opening when the thread dies in it', async () => {
    const worker = startWorker({ dataDir: tempDir(), bootId: 'boot-1' });
    const opening = codeOf(() => connectLedger(worker));
    await worker.terminate();
    expect(await opening).toBe('ledger_failed');
  });
});
