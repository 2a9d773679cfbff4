import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS, type Migration, migrate } from '../../daemon/ledger/migrations.ts';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import { grants } from './events.ts';
import { codeOf, failureOf, tempDir } from './fixtures.ts';

const OPTIONS = { bootId: 'boot-1', newOrigin: () => 'origin-1' };
const NEXT: Migration = (db) => {
  db.exec('CREATE TABLE note (text TEXT) STRICT');
  db.exec(`INSERT INTO note SELECT origin FROM meta`);
};

function versionOf(db: Database.Database): unknown {
  return db.pragma('user_version', { simple: true });
}

describe('migrations', () => {
  it('make a ledger out of an empty file and then leave it alone', () => {
    const db = new Database(':memory:');
    migrate(db);
    expect(versionOf(db)).toBe(MIGRATIONS.length);
    const changes = db.prepare('SELECT total_changes()').pluck().get();
    migrate(db);
    expect(db.prepare('SELECT total_changes()').pluck().get()).toBe(changes);
  });

  it('bring an older ledger up with its content', () => {
    const db = new Database(':memory:');
    new LedgerStore(db, OPTIONS).append(grants(1, 3));
    migrate(db, [...MIGRATIONS, NEXT]);
    expect(versionOf(db)).toBe(MIGRATIONS.length + 1);
    expect(db.prepare('SELECT text FROM note').pluck().all()).toEqual(['origin-1']);
    expect(db.prepare('SELECT count(*) FROM event').pluck().get()).toBe(3);
  });

  it('leave nothing of one that fails, and keep those before it', () => {
    const db = new Database(':memory:');
    const breaks: Migration = (inner) => {
      inner.exec('CREATE TABLE half (a INTEGER)');
      throw new Error('no');
    };
    expect(() => migrate(db, [...MIGRATIONS, NEXT, breaks])).toThrow('no');
    expect(versionOf(db)).toBe(MIGRATIONS.length + 1);
    expect(db.prepare(`SELECT count(*) FROM sqlite_schema WHERE name = 'half'`).pluck().get()).toBe(0);
  });

  it('refuse a ledger of a newer program, untouched', async () => {
    const path = join(tempDir(), 'ledger.db');
    const db = new Database(path);
    migrate(db, [...MIGRATIONS, NEXT]);
    db.close();
    const failure = await failureOf(() => new LedgerStore(path, OPTIONS));
    const known = MIGRATIONS.length;
    expect(failure.code).toBe('ledger_newer');
    expect(failure.what).toBe(`the ledger has schema ${known + 1}; this program knows ${known}`);
    const after = new Database(path);
    expect([versionOf(after), after.prepare('SELECT count(*) FROM meta').pluck().get()]).toEqual([known + 1, 0]);
    after.close();
  });

  it.each([
    ['without a version', 0],
    ['with a version of its own', 1],
  ])('refuse a database of another program %s', async (_, version) => {
    const path = join(tempDir(), 'ledger.db');
    const db = new Database(path);
    db.exec(`CREATE TABLE other (a INTEGER); PRAGMA user_version = ${version}`);
    db.close();
    expect(await codeOf(() => new LedgerStore(path, OPTIONS))).toBe('ledger_corrupt');
  });
});
