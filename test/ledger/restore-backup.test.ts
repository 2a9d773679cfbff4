import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openLedger } from '../../daemon/ledger/client.ts';
import { MIGRATIONS, migrate } from '../../daemon/ledger/migrations.ts';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import { restoreBackup } from '../../daemon/restore-backup.ts';
import { grants } from './events.ts';
import { exitOf, failureOf, linesOf, startProgram, tempDir } from './fixtures.ts';

const WHO = { principal: 'cli', name: 'command line', role: 'admin', source: 'cli' } as const;
const NOW = Date.parse('2026-11-21T12:00:00Z');

function ledgerAt(path: string, origin: string, events: number): string {
  mkdirSync(dirname(path), { recursive: true });
  const store = new LedgerStore(path, { bootId: 'boot-1', newOrigin: () => origin });
  store.append(grants(1, events));
  store.close();
  return path;
}

/** A backup of five events; the ledger went on to nine. */
function home() {
  const folder = tempDir();
  const dataDir = join(folder, 'data');
  const path = join(dataDir, 'ledger.db');
  const file = ledgerAt(join(folder, 'copy.db'), 'origin-old', 5);
  ledgerAt(path, 'origin-old', 9);
  return { folder, dataDir, path, file };
}

type Where = Pick<ReturnType<typeof home>, 'dataDir' | 'file'>;

function restore({ dataDir, file }: Where, wallMs = NOW, origin = 'origin-new') {
  return restoreBackup({ file, dataDir, origin, bootId: 'restore', wallMs, who: WHO });
}

function found(path: string) {
  const store = new LedgerStore(path, { bootId: 'next', newOrigin: () => 'made anew' });
  try {
    const { restoredFrom } = store.opening();
    const events = store.read(0, 1000);
    return { origin: store.origin, restoredFrom, kinds: events.map(({ kind }) => kind), events: store.verify() };
  } finally {
    store.close();
  }
}

const RESTORED = {
  origin: 'origin-new',
  restoredFrom: { origin: 'origin-old', seq: 5 },
  kinds: [...grants(1, 5).map(({ kind }) => kind), 'restored'],
  events: 6,
};

/** What stands in a folder, to the last byte. */
function contents(folder: string): Record<string, string> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'base64')]));
}

describe('a backup that is restored', () => {
  it('is a ledger of its own, which says where it came from; the one of before is kept', () => {
    const at = home();
    const told = restore(at);
    const aside = join(at.dataDir, 'ledger.db.before-restore-2026-11-21T12-00-00-000Z');
    expect(told).toEqual({ events: 5, fromOrigin: 'origin-old', lastWallMs: 1_760_000_000_005, aside });
    expect(readdirSync(at.dataDir).sort()).toEqual(['ledger.db', 'ledger.db.before-restore-2026-11-21T12-00-00-000Z']);
    expect(statSync(at.path).mode & 0o777).toBe(0o600);
    expect(found(at.path)).toEqual(RESTORED);
    expect(found(aside)).toMatchObject({ origin: 'origin-old', restoredFrom: null, events: 9 });
  });

  it('starts as a snapshot, and is told to the hub', async () => {
    const at = home();
    restore(at);
    const ledger = await openLedger({ dataDir: at.dataDir, bootId: 'hub' });
    const { tail, snapshot, restoredFrom, origin } = ledger.stored;
    await ledger.close();
    expect([tail, snapshot?.seq, restoredFrom, origin]).toEqual([[], 6, RESTORED.restoredFrom, 'origin-new']);
  });

  it('goes into an empty folder and into none', () => {
    const { file, folder } = home();
    mkdirSync(join(folder, 'empty'));
    for (const dataDir of [join(folder, 'empty'), join(folder, 'none', 'at', 'all')]) {
      expect(restore({ file, dataDir }).aside).toBeNull();
      expect(readdirSync(dataDir)).toEqual(['ledger.db']);
      expect(found(join(dataDir, 'ledger.db'))).toEqual(RESTORED);
    }
  });

  it.each([
    ['cut short', (path: string) => truncateSync(path, 6000)],
    ['nonsense', (path: string) => writeFileSync(path, 'x'.repeat(9000))],
    [
      'nonsense with a log',
      (path: string) => {
        for (const name of [path, `${path}-wal`]) writeFileSync(name, 'x'.repeat(9000));
      },
    ],
    [
      'broken in its chain',
      (path: string) => new Database(path).exec(`UPDATE event SET body = '{}' WHERE seq = 3`).close(),
    ],
  ])('takes the place of a ledger that is %s', (_, spoil) => {
    const at = home();
    spoil(at.path);
    const before = contents(at.dataDir);
    const { aside } = restore(at);
    expect(found(at.path)).toEqual(RESTORED);
    expect(readFileSync(aside ?? '', 'base64')).toBe(before['ledger.db']);
    if (before['ledger.db-wal'] !== undefined)
      expect(readFileSync(`${aside}-wal`, 'base64')).toBe(before['ledger.db-wal']);
  });

  it('may be a ledger that was set aside, with what stands only in its log', async () => {
    const at = home();
    const writer = startProgram('appender', at.dataDir);
    const next = linesOf(writer);
    for (let line = await next(); line !== '12'; line = await next()) expect(line).not.toBeNull();
    writer.kill('SIGKILL');
    while ((await next()) !== null);
    const [raw, dataDir] = [join(at.folder, 'raw.db'), join(at.folder, 'other')];
    for (const log of ['', '-wal']) copyFileSync(`${at.path}${log}`, `${raw}${log}`);
    expect(restore({ file: raw, dataDir }).events).toBeGreaterThanOrEqual(12);
    const first = restore(at).aside ?? '';
    expect(restore({ ...at, file: first }).events).toBeGreaterThanOrEqual(12);
  });

  it('twice raises the tokens twice, though the clock stood still', () => {
    const at = home();
    const floor = () => {
      const db = new Database(at.path);
      const found = db.prepare('SELECT token_floor FROM meta').pluck().get();
      db.close();
      return found;
    };
    restore(at);
    const first = Number(floor());
    restore(at, NOW, 'origin-newer');
    expect(Number(floor())).toBeGreaterThan(first);
    expect(readdirSync(at.dataDir)).toHaveLength(3);
  });

  it('of the first schema is brought to this one', () => {
    const at = home();
    const old = new Database(join(at.folder, 'first.db'));
    migrate(old, MIGRATIONS.slice(0, 1));
    old.exec(`ATTACH '${at.file}' AS new; INSERT INTO event SELECT * FROM new.event;
      INSERT INTO meta (id, origin) SELECT id, origin FROM new.meta; DETACH new`);
    old.close();
    restore({ dataDir: at.dataDir, file: join(at.folder, 'first.db') });
    expect(found(at.path)).toEqual(RESTORED);
  });
});

describe('SIGKILL in the middle of a restore', { timeout: 60_000 }, () => {
  it.each(['copied', 'recorded', 'set aside', 'log away', 'put in place', 'done'])('%s', async (step) => {
    const at = home();
    // Killed as well: what it recorded stands in its log.
    const writer = startProgram('appender', at.dataDir);
    const said = linesOf(writer);
    for (let line = await said(); line !== '12'; line = await said()) expect(line).not.toBeNull();
    writer.kill('SIGKILL');
    while ((await said()) !== null);
    const restorer = startProgram('restorer', at.dataDir, at.file, step);
    expect(await linesOf(restorer)()).toBe(step);
    restorer.kill('SIGKILL');
    await exitOf(restorer);
    const between = found(at.path);
    if (step === 'done') expect(between).toMatchObject({ restoredFrom: RESTORED.restoredFrom, events: 6 });
    else expect([between.origin, between.restoredFrom, between.events >= 12]).toEqual(['origin-old', null, true]);
    restore(at);
    expect(found(at.path)).toMatchObject({ ...RESTORED, restoredFrom: RESTORED.restoredFrom });
    const kept = readdirSync(at.dataDir).filter((name) => name.startsWith('ledger.db.'));
    expect(kept).toHaveLength(step === 'done' ? 2 : 1);
    expect(kept.every((name) => name.startsWith('ledger.db.before-restore-'))).toBe(true);
    expect(kept.map((name) => found(join(at.dataDir, name)).events)).toContain(
      between.events >= 12 ? between.events : 6,
    );
  });
});

describe('what cannot be restored changes nothing', () => {
  const files: readonly (readonly [string, RegExp, (file: string) => void])[] = [
    ['is not there', /there is no file/, () => {}],
    ['is empty', /is no backup of a ledger/, (file) => writeFileSync(file, '')],
    ['is no database', /file is not a database/, (file) => writeFileSync(file, 'hello'.repeat(2000))],
    [
      'is a database of another program',
      /is no backup/,
      (file) => new Database(file).exec('CREATE TABLE a (b)').close(),
    ],
    [
      'was changed',
      /event 3 or the one before it was changed/,
      (file) => new Database(ledgerAt(file, 'o', 5)).exec(`UPDATE event SET who = NULL WHERE seq = 3`).close(),
    ],
    [
      'was cut off at its end',
      /ends at event 4, but 5 were recorded/,
      (file) => new Database(ledgerAt(file, 'o', 5)).exec(`DELETE FROM event WHERE seq = 5`).close(),
    ],
    ['is damaged', /cannot be restored/, (file) => truncateSync(ledgerAt(file, 'o', 400), 20_000)],
    [
      'is of a newer program',
      /has schema 99/,
      (file) => new Database(ledgerAt(file, 'o', 5)).exec('PRAGMA user_version = 99').close(),
    ],
  ];

  it.each(files)('a file that %s', async (_, words, make) => {
    const at = home();
    const file = join(at.folder, 'bad.db');
    make(file);
    const before = contents(at.dataDir);
    expect((await failureOf(() => restore({ ...at, file }))).what).toMatch(words);
    expect(contents(at.dataDir)).toEqual(before);
    const none = join(at.folder, 'none');
    await failureOf(() => restore({ dataDir: none, file }));
    expect(existsSync(none)).toBe(false);
  });

  it('while somebody has the ledger: a hub, or the very file', async () => {
    const at = home();
    const holder = startProgram('holder', at.dataDir);
    expect(await linesOf(holder)()).toBe('open');
    const failure = await failureOf(() => restore(at));
    expect(failure).toMatchObject({ code: 'ledger_in_use', what: expect.stringContaining(`process ${holder.pid}`) });
    holder.kill('SIGKILL');
    expect((await failureOf(() => restore({ ...at, file: at.path }))).what).toMatch(
      /is the ledger of this data directory/,
    );
    expect(found(at.path).events).toBe(9);
  });
});
