import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Event } from '../../daemon/core/events.ts';
import { assertDurable, assertVersion } from '../../daemon/ledger/connection.ts';
import { LedgerStore, type StoreOptions } from '../../daemon/ledger/store.ts';
import { granted, grants, switchedOff } from './events.ts';
import { codeOf, failureOf, tempDir } from './fixtures.ts';

const OPTIONS: StoreOptions = { bootId: 'boot-1', newOrigin: () => 'origin-1' };

function openFile(path: string, options: StoreOptions = OPTIONS): LedgerStore {
  const store = new LedgerStore(path, options);
  onTestFinished(() => store.close());
  return store;
}

/** A ledger with `count` events, closed; `change` then works on its file behind the hub's back. */
function changedLedger(count: number, change: (db: Database.Database) => void): string {
  const path = join(tempDir(), 'ledger.db');
  const store = new LedgerStore(path, OPTIONS);
  store.append(grants(1, count));
  store.close();
  const db = new Database(path);
  change(db);
  db.close();
  return path;
}

describe('a ledger', () => {
  it('gives back exactly the events it was given', () => {
    const stamp = { upMs: 12.75, wallMs: 1_760_000_000_000.5, who: null, reservedMw: 0, limitMw: 5_000_000 };
    const odd: Event[] = [
      { kind: 'appliance_removed', appliance: 'a"\u0000\ud800 ☕', ...stamp, seq: 1 },
      { kind: 'token_revoked', id: '\udfff', ...stamp, seq: 2 },
      granted(3),
    ];
    const db = new Database(':memory:');
    new LedgerStore(db, OPTIONS).append(odd);
    expect(new LedgerStore(db, OPTIONS).load().tail).toEqual(odd);
    expect(new LedgerStore(db, OPTIONS).verify()).toBe(3);
  });

  it('keeps its origin and counts its uptime over a restart', () => {
    const path = join(tempDir(), 'ledger.db');
    const first = openFile(path);
    first.append([{ ...granted(1), upMs: 900 }, granted(2)]);
    first.close();
    const again = openFile(path, { bootId: 'boot-2', newOrigin: () => 'another' });
    expect(again.load()).toMatchObject({ origin: 'origin-1', lastSeq: 2, lastUpMs: 900, snapshot: null });
  });

  it('reads what comes after a seq, at most as much as was asked for and never more than 1,000', () => {
    const store = new LedgerStore(':memory:', OPTIONS);
    store.append(grants(1, 1200));
    expect(store.read(1100, 3).map(({ seq }) => seq)).toEqual([1101, 1102, 1103]);
    expect(store.read(0, 5000)).toHaveLength(1000);
    expect(store.read(0, -1)).toEqual([]);
    expect(store.read(1200, 10)).toEqual([]);
  });

  it('refuses a batch with a gap and keeps nothing of it', async () => {
    const store = new LedgerStore(':memory:', OPTIONS);
    store.append(grants(1, 2));
    const gap = await failureOf(() => store.append([granted(3), granted(5)]));
    expect(gap).toMatchObject({ code: 'ledger_failed', what: 'event 5 does not follow 3' });
    expect(await codeOf(() => store.append([granted(2)]))).toBe('ledger_failed');
    expect(store.load()).toMatchObject({ lastSeq: 2, tail: [{ seq: 1 }, { seq: 2 }] });
    store.append([granted(3)]);
    expect(store.verify()).toBe(3);
  });

  it('keeps nothing of a batch whose commit failed, and goes on from where it was', async () => {
    let isBroken = true;
    const breaks = () => {
      if (isBroken) throw new Error('the disk is gone');
    };
    const store = new LedgerStore(':memory:', { ...OPTIONS, beforeCommit: breaks });
    expect(await codeOf(() => store.append(grants(1, 3)))).toBe('ledger_failed');
    expect(store.read(0, 10)).toEqual([]);
    isBroken = false;
    store.append([switchedOff(1)]);
    expect(store.read(0, 10)).toEqual([switchedOff(1)]);
  });

  it('refuses events without a time and bodies without end', async () => {
    const store = new LedgerStore(':memory:', OPTIONS);
    expect(await codeOf(() => store.append([{ ...granted(1), upMs: Number.NaN }]))).toBe('ledger_failed');
    const long: Event = { ...granted(1), kind: 'retired', appliance: 'oven', reason: 'x'.repeat(1_000_001) };
    expect(await codeOf(() => store.append([long]))).toBe('ledger_failed');
    expect(store.lastSeq).toBe(0);
  });

  it('says that it is closed', async () => {
    const store = new LedgerStore(':memory:', OPTIONS);
    store.close();
    store.close();
    for (const use of [() => store.append([]), () => store.read(0, 1), () => store.load(), () => store.verify()]) {
      expect(await codeOf(use)).toBe('ledger_closed');
    }
  });

  it('leaves a database that it was handed open', () => {
    const db = new Database(':memory:');
    const store = new LedgerStore(db, OPTIONS);
    store.append([granted(1)]);
    store.close();
    expect(db.open).toBe(true);
    expect(new LedgerStore(db, OPTIONS).lastSeq).toBe(1);
  });
});

describe('durability', () => {
  it('has FULL in force after writes, and the other settings of durability.md', () => {
    const db = new Database(join(tempDir(), 'ledger.db'));
    onTestFinished(() => void db.close());
    new LedgerStore(db, OPTIONS).append([granted(1)]);
    const names = ['synchronous', 'journal_mode', 'locking_mode', 'foreign_keys', 'trusted_schema'];
    const found = names.map((name) => db.pragma(name, { simple: true }));
    expect(found).toEqual([2, 'wal', 'exclusive', 1, 0]);
    expect(db.pragma('busy_timeout', { simple: true })).toBe(5000);
    expect(db.pragma('journal_size_limit', { simple: true })).toBe(16_777_216);
  });

  it('notices a weaker setting', async () => {
    const db = new Database(':memory:');
    new LedgerStore(db, OPTIONS);
    db.pragma('synchronous = NORMAL');
    expect((await failureOf(() => assertDurable(db))).what).toBe('SQLite has synchronous = 1 instead of 2');
  });

  it('does not start with a setting that is not in force after its first write', async () => {
    const db = new Database(':memory:');
    const newOrigin = () => {
      db.pragma('trusted_schema = ON');
      return 'origin-1';
    };
    const failure = await failureOf(() => new LedgerStore(db, { bootId: 'boot-1', newOrigin }));
    expect(failure).toMatchObject({ code: 'ledger_failed', what: 'SQLite has trusted_schema = 1 instead of 0' });
  });

  it.each([
    ['3.51.2', 'ledger_failed'],
    ['3.9.12', 'ledger_failed'],
    ['2.99.99', 'ledger_failed'],
    ['3.51.3', null],
    ['3.54.0', null],
    ['4.0.0', null],
  ])('judges SQLite %s: %s', async (version, code) => {
    if (code === null) expect(() => assertVersion(version)).not.toThrow();
    else expect(await codeOf(() => assertVersion(version))).toBe(code);
  });

  it('keeps directory and files to their owner, also those that were open to others', () => {
    const directory = join(tempDir(), 'data');
    const path = join(directory, 'ledger.db');
    openFile(path).close();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    chmodSync(path, 0o644);
    openFile(path).append([granted(1)]);
    const modes = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
    expect(modes).toEqual([
      ['ledger.db', 0o600],
      ['ledger.db-wal', 0o600],
    ]);
  });

  it('leaves the mode of a directory that was there to its owner', () => {
    const directory = join(tempDir(), 'data');
    mkdirSync(directory);
    chmodSync(directory, 0o750);
    openFile(join(directory, 'ledger.db'));
    expect(statSync(directory).mode & 0o777).toBe(0o750);
  });
});

describe('a changed history', () => {
  const CHANGES: [string, string, string][] = [
    [
      'a body',
      `UPDATE event SET body = replace(body, 'oven', 'lamp') WHERE seq = 4`,
      'event 4 or the one before it was changed',
    ],
    ['a time', 'UPDATE event SET wall_ms = wall_ms + 1 WHERE seq = 4', 'event 4 or the one before it was changed'],
    ['who asked', 'UPDATE event SET who = NULL WHERE seq = 4', 'event 4 or the one before it was changed'],
    ['a boot id', `UPDATE event SET boot_id = 'boot-0' WHERE seq = 4`, 'event 4 or the one before it was changed'],
    ['a hash', `UPDATE event SET hash = zeroblob(32) WHERE seq = 4`, 'event 4 or the one before it was changed'],
    ['a row taken out', 'DELETE FROM event WHERE seq = 4', 'event 4 is missing'],
    ['the beginning cut off', 'DELETE FROM event WHERE seq < 4', 'event 1 is missing'],
    ['the end cut off', 'DELETE FROM event WHERE seq > 4', 'the ledger ends at event 4, but 9 were recorded'],
    ['everything cut off', 'DELETE FROM event', 'the ledger ends at event 0, but 9 were recorded'],
  ];

  it.each(CHANGES)('is found: %s', async (_, sql, what) => {
    const path = changedLedger(9, (db) => db.exec(sql));
    const failure = await failureOf(() => openFile(path).load());
    expect(failure).toMatchObject({ code: 'ledger_corrupt', what });
    expect(failure.advice).toContain('restore');
  });

  it('is found by verify(), too', async () => {
    const path = changedLedger(9, (db) => db.exec(`UPDATE event SET appliance = 'lamp' WHERE seq = 4`));
    expect(await codeOf(() => openFile(path).verify())).toBe('ledger_corrupt');
  });

  it('is found by verify() below a snapshot, where a start does not look', async () => {
    const path = changedLedger(9, (db) => {
      const store = new LedgerStore(db, OPTIONS);
      store.saveSnapshot(9, '{}');
      db.exec('UPDATE event SET up_ms = 1 WHERE seq = 4');
    });
    const store = openFile(path);
    expect(store.load().tail).toEqual([]);
    expect(await codeOf(() => store.verify())).toBe('ledger_corrupt');
  });
});

describe('a damaged file', () => {
  it('is refused when it is no database, and left as it was', async () => {
    const path = join(tempDir(), 'ledger.db');
    writeFileSync(path, 'not a database, but long enough to be read as one '.repeat(40));
    expect(await codeOf(() => openFile(path))).toBe('ledger_corrupt');
    expect(statSync(path).size).toBe(2000);
  });

  it('is refused when pages are overwritten', async () => {
    const path = changedLedger(500, (db) => db.pragma('journal_mode = DELETE'));
    const bytes = readFileSync(path);
    expect(bytes.length).toBeGreaterThan(20 * 4096);
    writeFileSync(path, bytes.fill(0xa5, 10 * 4096, 12 * 4096));
    expect(await codeOf(() => openFile(path))).toBe('ledger_corrupt');
  });
});
