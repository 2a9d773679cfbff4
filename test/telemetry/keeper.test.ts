import { closeSync, existsSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Keeper } from '../../daemon/telemetry/keeper.ts';
import { FREE_PAGES_KEPT, HOUR_MS, KEEP_HOURS_MS, KEEP_MINUTES_MS, MINUTE_MS } from '../../daemon/telemetry/limits.ts';
import { batch, MONDAY, minute, minutes, tempDir } from './fixtures.ts';

class Rig {
  readonly folder = tempDir();
  readonly path = join(this.folder, 'telemetry.db');
  readonly words: string[] = [];
  keeper = this.open();

  open(): Keeper {
    const keeper = new Keeper({
      path: this.path,
      timezone: 'Europe/Rome',
      maxBacklogRows: 2000,
      onWord: (what) => this.words.push(what),
    });
    onTestFinished(() => keeper.close());
    return keeper;
  }

  /** A file that SQLite itself lets grow no more: the same SQLITE_FULL as on a full disk. */
  fill(): void {
    const { db } = this.store;
    db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true }))}`);
  }

  makeRoom(): void {
    this.store.db.pragma('max_page_count = 1000000');
  }

  get store() {
    const { store } = this.keeper;
    if (store === null) throw new Error('the history is not open');
    return store;
  }

  write(startMs: number, count: number): void {
    this.keeper.write(batch(minutes(startMs, count)));
  }

  shown(fromMs = 0, toMs = MONDAY + 30 * HOUR_MS): number {
    return this.keeper.ask(({ energy }) =>
      energy.energy({ fromMs, toMs, group: 'none' }).reduce((sum, row) => sum + row.energyMwh, 0),
    );
  }
}

describe('a batch', () => {
  it('is on the disk with its flush, and a crash loses the open one only', () => {
    const rig = new Rig();
    rig.write(MONDAY, 5);
    rig.keeper.flush();
    rig.write(MONDAY + 5 * MINUTE_MS, 5);
    rig.store.close(); // as a killed process would leave it: nothing committed
    rig.keeper = rig.open();
    expect(rig.shown()).toBe(5000);
    expect(rig.store.rowsAfter(0, 100).filter(({ resolution }) => resolution === 'minute')).toHaveLength(5);
  });

  it('is written by a clean end', () => {
    const rig = new Rig();
    rig.write(MONDAY, 3);
    rig.keeper.close();
    rig.keeper = rig.open();
    expect(rig.shown()).toBe(3000);
    expect(statSync(rig.path).mode & 0o777).toBe(0o600);
  });

  it('keeps what the counters stood at with it', () => {
    const rig = new Rig();
    const stand = { energyMwh: 5, exportMwh: 0, atWallMs: MONDAY, bookedMwMs: 77, restMwMs: 9 };
    rig.keeper.write({ rows: [minute(MONDAY)], counted: [['appliance:kettle', stand]] });
    rig.keeper.close();
    rig.keeper = rig.open();
    expect([...rig.store.sources.counted]).toEqual([['appliance:kettle', stand]]);
  });
});

describe('a full disk', () => {
  it('stops the history with a word, and it goes on with what waited when there is room', () => {
    const rig = new Rig();
    rig.write(MONDAY, 5);
    rig.keeper.flush();
    rig.fill();
    rig.write(MONDAY + 30 * MINUTE_MS, 1); // it fits, and is rolled back with what does not
    rig.write(MONDAY + HOUR_MS, 600);
    rig.keeper.flush();
    expect(rig.keeper.condition).toMatchObject({ state: 'full', what: expect.stringContaining('free space') });
    rig.write(MONDAY + 20 * HOUR_MS, 5);
    rig.keeper.flush();
    expect([rig.keeper.condition.state, rig.shown()]).toEqual(['full', 5000]);
    rig.makeRoom();
    rig.keeper.flush();
    expect(rig.keeper.condition).toEqual({ state: 'ok', what: null });
    expect(rig.shown()).toBe(611_000);
    expect(rig.words).toEqual([]);
  });

  it('what waits is bounded: the oldest goes first, and that is said', () => {
    const rig = new Rig();
    rig.write(MONDAY, 1);
    rig.keeper.flush();
    rig.fill();
    rig.write(MONDAY, 1000);
    rig.keeper.flush();
    for (let i = 0; i < 4; i++) rig.write(MONDAY + HOUR_MS, 500);
    rig.makeRoom();
    rig.keeper.flush();
    expect(rig.words).toEqual(['1000 rows of the power history were dropped meanwhile']);
    expect(rig.shown()).toBe(2001 * 1000);
  });
});

describe('a damaged file', () => {
  it('is moved aside at the start, and a new one begun', () => {
    const rig = new Rig();
    rig.keeper.close();
    writeFileSync(rig.path, 'this was a database once'.repeat(1000));
    rig.keeper = rig.open();
    rig.write(MONDAY, 2);
    rig.keeper.flush();
    expect([rig.keeper.condition.state, rig.shown()]).toEqual(['ok', 2000]);
    expect(rig.words).toEqual([expect.stringContaining('telemetry.db.damaged-1')]);
    expect(existsSync(`${rig.path}.damaged-1`)).toBe(true);
  });

  it('is moved aside while the hub runs, and what was not on the disk yet goes into the new one', () => {
    const rig = new Rig();
    rig.write(MONDAY, 2000);
    rig.keeper.flush();
    const before = { origin: rig.store.origin, rev: rig.store.lastRev };
    const { db } = rig.store;
    db.pragma('wal_checkpoint(TRUNCATE)');
    // All pages but the first, as a dying card leaves them; none is remembered.
    const file = openSync(rig.path, 'r+');
    writeSync(file, Buffer.alloc(statSync(rig.path).size - 4096, 0xa5), 0, null, 4096);
    closeSync(file);
    db.pragma('shrink_memory');
    rig.write(MONDAY + HOUR_MS, 3);
    rig.keeper.flush();
    rig.keeper.flush();
    expect([rig.keeper.condition.state, rig.shown()]).toEqual(['ok', 3000]);
    // Whoever copied its rows goes on where it was.
    expect([rig.store.origin, rig.store.rowsAfter(before.rev, 9).length]).toEqual([before.origin, 5]);
    expect(readdirSync(rig.folder).filter((name) => name.includes('damaged') && !name.endsWith('wal'))).toHaveLength(1);
  });

  it('does not pile up: so many are kept', () => {
    const rig = new Rig();
    for (let i = 0; i < 5; i++) {
      rig.keeper.close();
      writeFileSync(rig.path, `nonsense ${i}`.repeat(500));
      rig.keeper = rig.open();
    }
    expect(readdirSync(rig.folder).filter((name) => name.includes('damaged'))).toHaveLength(3);
  });

  it('a file of a newer program is left alone, and the hub has no history', () => {
    const rig = new Rig();
    rig.store.db.pragma('user_version = 99');
    rig.keeper.close();
    const before = statSync(rig.path).size;
    rig.keeper = rig.open();
    rig.write(MONDAY, 2);
    rig.keeper.flush();
    expect(rig.keeper.condition).toMatchObject({ state: 'failed', what: expect.stringContaining('schema 99') });
    expect(() => rig.shown()).toThrow(expect.objectContaining({ code: 'telemetry_newer' }));
    expect([rig.words, statSync(rig.path).size]).toEqual([[], before]);
  });
});

describe('retention', () => {
  const now = MONDAY + KEEP_HOURS_MS;

  function filled(): Rig {
    const rig = new Rig();
    for (const startMs of [MONDAY, now - KEEP_MINUTES_MS - 30 * HOUR_MS, now - HOUR_MS])
      rig.write(startMs - 26 * HOUR_MS, 60);
    rig.keeper.flush();
    return rig;
  }

  const counts = (rig: Rig) =>
    [0, 3, 1, 2].map((level) =>
      rig.store.db.prepare('SELECT count(*) FROM power WHERE resolution = ?').pluck().get(level),
    );

  it('minutes go after 90 days, hours after five years, days never', () => {
    const rig = filled();
    expect(counts(rig)).toEqual([180, 12, 3, 3]);
    while (rig.keeper.tidy(now));
    expect(counts(rig)).toEqual([60, 4, 2, 3]);
    expect(rig.store.keptFrom('minute')).toBe(now - KEEP_MINUTES_MS);
  });

  it('nothing goes while nobody knows the time', () => {
    const rig = filled();
    expect(rig.keeper.tidy(null)).toBe(false);
    expect(counts(rig)).toEqual([180, 12, 3, 3]);
  });

  it('in small steps, and the room is given back where it is much', () => {
    const rig = new Rig();
    const { db } = rig.store;
    db.exec(`WITH RECURSIVE m (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM m WHERE at < 100000)
      INSERT INTO power SELECT 0, at, 1, at, at, at, at, at, at, 60000, 60, at, at, 0 FROM m`);
    const pages = () => Number(db.pragma('page_count', { simple: true }));
    expect(pages()).toBeGreaterThan(FREE_PAGES_KEPT + 300);
    let steps = 1;
    while (rig.keeper.tidy(MONDAY)) steps += 1;
    expect(steps).toBeGreaterThan(20);
    expect(db.prepare('SELECT count(*) FROM power').pluck().get()).toBe(0);
    expect(pages()).toBeLessThan(FREE_PAGES_KEPT + 50);
  });
});
