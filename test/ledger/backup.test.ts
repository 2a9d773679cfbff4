import { copyFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BackupSource, writeBackup } from '../../daemon/ledger/backup.ts';
import { holdsWhole } from '../../daemon/ledger/backup-check.ts';
import type { ChainedRow } from '../../daemon/ledger/chain.ts';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import type { LedgerRow } from '../../daemon/ledger/stored.ts';
import { grants } from './events.ts';
import { codeOf, failureOf, tempDir } from './fixtures.ts';

const OPTIONS = { bootId: 'boot-1', newOrigin: () => 'origin-1' };

function rowOf({
  seq,
  wall_ms: wallMs,
  up_ms: upMs,
  boot_id: bootId,
  kind,
  who,
  appliance,
  body,
  hash,
}: ChainedRow): LedgerRow {
  return { seq, wallMs, upMs, bootId, kind, who, appliance, body, hash };
}

/** A ledger that is appended to by whoever asks for the next page of it. */
function sourceOf(store: LedgerStore, onPage: () => void = () => {}): BackupSource {
  const rows = async (after: number) => {
    onPage();
    return store.readPage(after, 100).map(rowOf);
  };
  return { origin: store.origin, lastSeq: store.lastSeq, rows };
}

function ledgerOf(events: number): LedgerStore {
  const store = new LedgerStore(':memory:', OPTIONS);
  if (events > 0) store.append(grants(1, events));
  return store;
}

function target() {
  const folder = tempDir();
  return { folder, file: join(folder, 'copy.db'), options: { dataDir: folder, stop: new AbortController().signal } };
}

describe('a backup', () => {
  it.each([0, 1, 250])('of %i events is a ledger of its own, for nobody else to read', async (events) => {
    const { folder, file, options } = target();
    const store = ledgerOf(events);
    expect(await writeBackup(file, sourceOf(store), options)).toMatchObject({
      events,
      bytes: statSync(file).size,
      lastWallMs: events === 0 ? null : 1_760_000_000_000 + events,
    });
    expect(readdirSync(folder)).toEqual(['copy.db']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const copy = new LedgerStore(file, OPTIONS);
    expect([copy.origin, copy.verify(), copy.load().tail]).toEqual(['origin-1', events, grants(1, events)]);
    copy.close();
  });

  it('ends where it began to be made, whatever is recorded meanwhile', async () => {
    const { file, options } = target();
    const store = ledgerOf(350);
    const source = sourceOf(store, () => store.append(grants(store.lastSeq + 1, store.lastSeq + 7)));
    expect((await writeBackup(file, source, options)).events).toBe(350);
    expect(store.verify()).toBeGreaterThan(350);
  });

  it('replaces what a killed one left, not one that is being written', async () => {
    const { file, folder, options } = target();
    writeFileSync(`${file}.part`, 'half of something');
    const source = sourceOf(ledgerOf(300));
    let second: Promise<string> | undefined;
    const rows = (after: number) => {
      second ??= codeOf(() => writeBackup(file, source, options));
      return source.rows(after);
    };
    await writeBackup(file, { ...source, rows }, options);
    expect(await second).toBe('backup_failed');
    expect(readdirSync(folder)).toEqual(['copy.db']);
  });

  it.each([
    ['an event is missing', (rows: LedgerRow[]) => rows.filter(({ seq }) => seq !== 150)],
    ['an event was changed', (rows: LedgerRow[]) => rows.map((row) => (row.seq === 150 ? { ...row, who: null } : row))],
    ['the end is missing', (rows: LedgerRow[]) => rows.filter(({ seq }) => seq <= 120)],
  ])('is none where %s', async (_, spoil) => {
    const { file, folder, options } = target();
    const source = sourceOf(ledgerOf(200));
    const rows = async (after: number) => spoil([...(await source.rows(after))]);
    expect(await codeOf(() => writeBackup(file, { ...source, rows }, options))).toBe('ledger_corrupt');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is stopped, or whose ledger is gone, leaves nothing, and a backup of before as it was', async () => {
    const { file, folder, options } = target();
    writeFileSync(file, 'the one of before');
    const stopping = new AbortController();
    const stopped = sourceOf(ledgerOf(300), () => stopping.abort());
    expect((await failureOf(() => writeBackup(file, stopped, { ...options, stop: stopping.signal }))).what).toMatch(
      /stopped/,
    );
    const rows = () => Promise.reject(new Error('the hub is gone'));
    const gone = { ...sourceOf(ledgerOf(3)), rows };
    expect((await failureOf(() => writeBackup(file, gone, options))).what).toMatch(/the hub is gone/);
    expect([readdirSync(folder), statSync(file).size]).toEqual([['copy.db'], 17]);
  });

  it('is not taken for one before it is whole', async () => {
    const { file, folder, options } = target();
    const half = join(folder, 'half.db');
    const source = sourceOf(ledgerOf(10), () => copyFileSync(`${file}.part`, half));
    await writeBackup(file, source, options);
    const proceed = async () => {};
    expect(await holdsWhole(file, proceed)).toBe(10);
    expect(await codeOf(() => holdsWhole(half, proceed))).toBe('backup_failed');
  });
});
