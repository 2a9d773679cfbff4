import { spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Event } from '../../daemon/core/events.ts';
import { Reserve } from '../../daemon/ledger/reserve.ts';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import { granted, grants, ordered, switchedOff } from './events.ts';
import { codeOf, tempDir } from './fixtures.ts';

const RESERVE = 300_000;

/** A file whose size SQLite itself limits: the same SQLITE_FULL as on a full disk, wherever the test runs. */
class Rig {
  readonly directory = tempDir();
  readonly reservePath = join(this.directory, 'reserve');
  readonly db = new Database(join(this.directory, 'ledger.db'));
  store: LedgerStore;

  constructor() {
    onTestFinished(() => void this.db.close());
    this.store = this.open();
    this.refill();
  }

  open(): LedgerStore {
    const reserve = new Reserve(this.reservePath, RESERVE);
    this.store = new LedgerStore(this.db, { bootId: 'boot-1', newOrigin: () => 'origin-1', reserve });
    return this.store;
  }

  refill(): void {
    for (const _ of this.store.refill() ?? []);
  }

  /** No page more than there are. */
  fill(): void {
    this.db.pragma(`max_page_count = ${Number(this.db.pragma('page_count', { simple: true }))}`);
  }

  makeRoom(): void {
    this.db.pragma('max_page_count = 1000000');
  }

  get next(): number {
    return this.store.lastSeq + 1;
  }

  /** A full disk, found out by an ON. */
  async runOut(): Promise<void> {
    this.fill();
    expect(await codeOf(() => this.store.append(grants(this.next, this.next + 99)))).toBe('ledger_full');
  }
}

function offs(count: number): Event[] {
  return Array.from({ length: count }, (_, index) => switchedOff(index + 1));
}

describe('a ledger on a full disk', () => {
  it('keeps nothing of the batch that did not fit, and releases its reserve', async () => {
    const rig = new Rig();
    rig.store.append(grants(1, 3));
    expect([rig.store.room, statSync(rig.reservePath).size]).toEqual(['ok', RESERVE]);
    await rig.runOut();
    expect([rig.store.room, existsSync(rig.reservePath)]).toEqual(['low', false]);
    expect(rig.store.load()).toMatchObject({ lastSeq: 3, tail: grants(1, 3) });
  });

  const FACTS: [string, (seq: number) => Event][] = [
    ['an OFF', switchedOff],
    ['shedding', (seq) => ordered(seq, false, 'shed')],
    ['an ON that was found at a relay', (seq) => ordered(seq, true, 'unasked')],
  ];

  it.each(FACTS)('records %s in the room that it made, and refuses ONs', async (_, fact) => {
    const rig = new Rig();
    await rig.runOut();
    rig.makeRoom();
    rig.store.append([fact(1)]);
    expect(await codeOf(() => rig.store.append([fact(2), granted(3)]))).toBe('ledger_full');
    expect(rig.store.read(0, 10)).toEqual([fact(1)]);
  });

  it('records the very batch that found the disk full, if it switches nothing on', () => {
    const rig = new Rig();
    rig.fill();
    // The file may grow again the moment the reserve is gone: as on a disk, but decided here.
    const reserve = new Reserve(rig.reservePath, RESERVE);
    const release = Reserve.prototype.release;
    reserve.release = () => {
      release.call(reserve);
      rig.makeRoom();
    };
    const store = new LedgerStore(rig.db, { bootId: 'boot-1', newOrigin: () => 'origin-1', reserve });
    store.append(offs(100));
    expect([store.room, store.lastSeq, existsSync(rig.reservePath)]).toEqual(['low', 100, false]);
  });

  it('says `full` when even the reserve is used up, and `low` once it records again', async () => {
    const rig = new Rig();
    await rig.runOut();
    expect(await codeOf(() => rig.store.append(offs(100)))).toBe('ledger_full');
    expect(rig.store.room).toBe('full');
    rig.makeRoom();
    rig.store.append(offs(100));
    expect(rig.store.room).toBe('low');
  });

  it('takes its reserve back when there is room, and then ONs again', async () => {
    const rig = new Rig();
    await rig.runOut();
    rig.makeRoom();
    rig.refill();
    expect([rig.store.room, statSync(rig.reservePath).size]).toEqual(['ok', RESERVE]);
    rig.store.append([granted(1)]);
    expect(rig.store.refill()).toBeNull();
  });

  it('writes no snapshot on the reserve', async () => {
    const rig = new Rig();
    await rig.runOut();
    rig.makeRoom();
    expect(await codeOf(() => rig.store.saveSnapshot(0, '{}'))).toBe('ledger_full');
  });

  it('gives up a reserve that was being made', async () => {
    const rig = new Rig();
    await rig.runOut();
    rig.makeRoom();
    const steps = rig.store.refill();
    steps?.next();
    expect(existsSync(rig.reservePath)).toBe(true);
    rig.fill();
    expect(await codeOf(() => rig.store.append(offs(100)))).toBe('ledger_full');
    expect([steps?.next().done, rig.store.room, existsSync(rig.reservePath)]).toEqual([true, 'full', false]);
  });

  it('completes at a start what was left of a reserve', () => {
    const rig = new Rig();
    writeFileSync(rig.reservePath, 'torn');
    rig.open();
    rig.refill();
    expect(statSync(rig.reservePath).size).toBe(RESERVE);
  });
});

describe('a reserve', () => {
  it('is not made where it would be what fills the disk', () => {
    const directory = tempDir();
    expect(new Reserve(join(directory, 'reserve'), RESERVE).hasRoom()).toBe(true);
    expect(new Reserve(join(directory, 'reserve'), 2 ** 60).hasRoom()).toBe(false);
    const reserve = new Reserve(join(directory, 'reserve'), 2 ** 60);
    const store = new LedgerStore(':memory:', { bootId: 'b', newOrigin: () => 'o', reserve });
    expect([store.room, store.refill(), store.room]).toEqual(['ok', null, 'low']);
  });

  it('takes up its room for real', () => {
    const path = join(tempDir(), 'reserve');
    for (const _ of new Reserve(path, RESERVE).fill());
    expect(statSync(path).blocks * 512).toBeGreaterThanOrEqual(RESERVE);
  });
});

/** A disk of 16 MB in a mount namespace of its own, which goes with the process. Needs no root where Linux lets users. */
function onSmallDisk(disk: string, ...command: string[]): ReturnType<typeof spawnSync> {
  const script = `mount -t tmpfs -o size=16m tmpfs "$0" && exec "$@"`;
  return spawnSync('unshare', ['-Urm', 'sh', '-c', script, disk, ...command], { encoding: 'utf8', timeout: 60_000 });
}

describe('on a real disk that is full', () => {
  it('goes through it all', { timeout: 60_000 }, ({ skip }) => {
    const disk = tempDir();
    if (onSmallDisk(disk, 'true').status !== 0) skip('this system lets nobody mount a small disk (unshare -Urm)');
    const program = fileURLToPath(new URL('./programs/full-disk.ts', import.meta.url));
    const { stdout, stderr } = onSmallDisk(disk, process.execPath, program, disk);
    const seen = String(stdout)
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(seen, String(stderr)).toEqual([
      ['an ON on a disk with room', 'recorded'],
      ['room when an ON found the disk full', 'low'],
      ['the next ON', 'ledger_full'],
      ['an OFF', 'recorded'],
      ['a snapshot', 'ledger_full'],
      ['an ON when there is room again', 'recorded'],
      ['what a start on a full disk finds', true],
      ['an OFF after it', 'recorded'],
      ['an ON after it', 'ledger_full'],
    ]);
  });
});
