import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../daemon/replication/migrate.ts';
import { ask } from '../postgres/server.ts';
import { copying, History, Journal, MINUTE_MS, NOON_MS, soon } from './fixtures.ts';

/**
 * TimescaleDB is in no package that these tests could start. When its file is chosen is held in migrate.test.ts, here that
 * both files of version 2 give the same. `VOLTSAFE_TIMESCALE=postgres://...` of an empty database with the extension runs it for real.
 */
const REAL = process.env.VOLTSAFE_TIMESCALE ?? '';

describe('the two files of version 2', () => {
  it('give tables, functions and views of the same names and columns', async () => {
    const [native, timescale] = await Promise.all([textOf('002-power-native.sql'), textOf('002-power-timescale.sql')]);
    const shapes = (text: string) => ({
      tables: [...text.matchAll(/create table (voltsafe\.power_\w+) \(([\s\S]*?)\n\)/g)].map(([, name, columns]) => [
        name,
        columns,
      ]),
      functions: [...text.matchAll(/create function (voltsafe\.(?!has_)\w+\([^)]*\)) returns (\w+)/g)].map(
        ([, ...it]) => it,
      ),
      views: [...text.matchAll(/create (?:materialized )?view (voltsafe\.\w+)/g)].map(([, name]) => name),
      hours: /avg_w \* covered_s[\s\S]*?from voltsafe\.power_readings\ngroup by [\d, ]+/.exec(text)?.[0],
    });
    expect(shapes(timescale)).toEqual(shapes(native));
    expect(shapes(native).tables).toHaveLength(2);
    expect(shapes(native).hours).toBeDefined();
  });

  it.runIf(REAL !== '')('on TimescaleDB: minutes are a hypertable that is compressed, and take late rows', async () => {
    const journal = await Journal.open();
    const power = new History();
    for (let i = 0; i < 180; i += 1) power.put({ source: 'house', startMs: NOON_MS + i * MINUTE_MS });
    const { replicator } = copying(REAL, { events: journal, power });
    await soon(() => replicator.state().last_rev).toBe(180);
    await ask(REAL, `select compress_chunk(c) from show_chunks('voltsafe.power_readings') c`);
    power.put({ source: 'house', startMs: NOON_MS, avgMw: 5_000 });
    await soon(() => replicator.state().last_rev).toBe(181);
    const [minute] = await ask(
      REAL,
      `select avg_w from voltsafe.power_readings where at = '2026-11-21 12:00+00' and origin = $1`,
      [power.origin],
    );
    expect(minute).toEqual({ avg_w: 5 });
    expect(
      await ask(REAL, 'select count(*)::int as n from voltsafe.power_hourly where origin = $1', [power.origin]),
    ).toEqual([{ n: 3 }]);
  });
});
