import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import { granted, grants } from './events.ts';
import { codeOf } from './fixtures.ts';

const OPTIONS = { bootId: 'boot-1', newOrigin: () => 'origin-1' };
const open = (db: Database.Database) => new LedgerStore(db, OPTIONS);

/** Nine events, with snapshots at 3 and 6. */
function twice(): Database.Database {
  const db = new Database(':memory:');
  const store = open(db);
  store.append(grants(1, 9));
  store.saveSnapshot(3, '{"at":3}');
  store.saveSnapshot(6, '{"at":6}');
  return db;
}

function seqs(db: Database.Database): unknown[] {
  return db.prepare('SELECT seq FROM snapshot ORDER BY seq').pluck().all();
}

describe('a snapshot', () => {
  it('stands for the events up to its seq', () => {
    const { snapshot, tail } = open(twice()).load();
    expect(snapshot).toEqual({ seq: 6, state: '{"at":6}' });
    expect(tail).toEqual(grants(7, 9));
  });

  it('is kept with the one before it; older ones go, with their parts', () => {
    const db = twice();
    open(db).saveSnapshot(9, '{"at":9}');
    expect(seqs(db)).toEqual([6, 9]);
    expect(db.prepare('SELECT DISTINCT seq FROM snapshot_part ORDER BY seq').pluck().all()).toEqual([6, 9]);
  });

  it('comes back whole when it is large', () => {
    const db = twice();
    const state = JSON.stringify({ text: '☕🔌'.repeat(150_000) });
    open(db).saveSnapshot(9, state);
    expect(open(db).load().snapshot).toEqual({ seq: 9, state });
  });

  it('carries the highest uptime of the events that it stands for', () => {
    const db = new Database(':memory:');
    const store = open(db);
    store.append([{ ...granted(1), upMs: 5000 }, granted(2)]);
    store.saveSnapshot(2, '{}');
    store.append([granted(3)]);
    const again = open(db);
    expect(again.load().lastUpMs).toBe(5000);
    again.saveSnapshot(3, '{}');
    expect(open(db).load()).toMatchObject({ tail: [], lastUpMs: 5000 });
  });

  it('knows the uptime of events appended after it was first asked for', () => {
    const db = twice();
    const store = open(db);
    store.load();
    store.append([{ ...granted(10), upMs: 7777 }]);
    store.saveSnapshot(10, '{}');
    expect(open(db).load()).toMatchObject({ tail: [], lastUpMs: 7777 });
  });

  it('may be replaced at the same seq, and stand before the first event', () => {
    const db = twice();
    open(db).saveSnapshot(6, '{"at":"six"}');
    expect(open(db).load().snapshot?.state).toBe('{"at":"six"}');
    const empty = new Database(':memory:');
    open(empty).saveSnapshot(0, '{}');
    expect(open(empty).load().snapshot).toEqual({ seq: 0, state: '{}' });
  });

  it('is refused for an event that is not there, and when it is too large', async () => {
    const db = twice();
    expect(await codeOf(() => open(db).saveSnapshot(10, '{}'))).toBe('ledger_failed');
    expect(await codeOf(() => open(db).saveSnapshot(9, 'x'.repeat(64 * 1024 * 1024 + 1)))).toBe('ledger_failed');
    expect(seqs(db)).toEqual([3, 6]);
  });

  it('lets appends in between its parts', () => {
    const db = twice();
    const store = open(db);
    const state = JSON.stringify('y'.repeat(1_000_000));
    let seq = 9;
    for (const _ of store.snapshotSteps(9, state)) {
      seq += 1;
      store.append([granted(seq)]);
    }
    expect(seq).toBe(12);
    expect(open(db).load()).toMatchObject({ snapshot: { seq: 9, state }, lastSeq: 12 });
  });
});

describe('a torn or damaged snapshot', () => {
  const DAMAGES: [string, string][] = [
    ['a part cut short', 'UPDATE snapshot_part SET bytes = substr(bytes, 1, 4) WHERE seq = 6'],
    ['a part lost', 'DELETE FROM snapshot_part WHERE seq = 6'],
    ['a byte changed', `UPDATE snapshot_part SET bytes = CAST('{"at":7}' AS BLOB) WHERE seq = 6`],
    ['its uptime changed', 'UPDATE snapshot SET up_ms = 9e9 WHERE seq = 6'],
    ['its checksum changed', 'UPDATE snapshot SET hash = zeroblob(32) WHERE seq = 6'],
  ];

  it.each(DAMAGES)('falls back to the one before it: %s', (_, sql) => {
    const db = twice();
    db.exec(sql);
    const { snapshot, damaged } = open(db).opening();
    expect(snapshot).toEqual({ seq: 3, state: '{"at":3}' });
    expect(damaged).toEqual([6]);
    expect(open(db).load()).toMatchObject({ tail: grants(4, 9), lastUpMs: 90 });
  });

  it('falls back to a full replay when both are damaged', () => {
    const db = twice();
    db.exec('UPDATE snapshot_part SET bytes = zeroblob(8)');
    expect(open(db).load()).toMatchObject({ snapshot: null, tail: grants(1, 9) });
    expect(open(db).opening().damaged).toEqual([6, 3]);
  });

  it('falls back when it is not JSON, whatever its checksum says', () => {
    const db = twice();
    open(db).saveSnapshot(9, '{"at":');
    expect(open(db).load().snapshot?.seq).toBe(6);
  });

  it('does not count when the hub died between its parts, and leaves nothing for long', () => {
    const db = twice();
    const steps = open(db).snapshotSteps(9, JSON.stringify('y'.repeat(1_000_000)));
    steps.next();
    const again = open(db);
    expect(seqs(db)).toEqual([3, 6, 9]);
    expect(again.opening()).toMatchObject({ snapshot: { seq: 6 }, damaged: [] });
    again.append([granted(10)]);
    again.saveSnapshot(10, '{}');
    expect(seqs(db)).toEqual([6, 10]);
  });

  it('is not believed when the event it stands for is another one', async () => {
    const db = twice();
    db.exec('UPDATE event SET hash = zeroblob(32) WHERE seq = 6');
    expect(open(db).opening()).toMatchObject({ snapshot: { seq: 3 }, damaged: [6] });
    expect(await codeOf(() => open(db).load())).toBe('ledger_corrupt');
  });
});
