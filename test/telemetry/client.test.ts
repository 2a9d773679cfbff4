import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTelemetry } from '../../daemon/telemetry/client.ts';
import { HOUR_MS, MINUTE_MS } from '../../daemon/telemetry/limits.ts';
import type { TelemetryHandle } from '../../daemon/telemetry/port.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { batch, MONDAY, minute, minutes, tempDir } from './fixtures.ts';

const ALL = { source: 'all', fromMs: MONDAY, toMs: MONDAY + HOUR_MS, resolution: 'auto' } as const;

class Rig {
  readonly words: string[] = [];
  readonly store: TelemetryHandle;

  constructor(dataDir: string) {
    this.store = openTelemetry({
      dataDir,
      timezone: 'Europe/Rome',
      clock: new VirtualClock(MONDAY),
      isClockSure: () => true,
      onTrouble: (what) => this.words.push(what),
    });
    onTestFinished(() => this.store.close());
  }
}

describe('the history in its thread', () => {
  it('answers as the store does, shows what is written at once, and hands on what is on the disk', async () => {
    const folder = tempDir();
    const { store, words } = new Rig(folder);
    const [house, kettle] = [
      minute(MONDAY, { source: 'house', interactiveMw: 5, backgroundMw: 7, isEstimated: true, isClockSure: false }),
      minute(MONDAY + MINUTE_MS, { voltageMv: 231_000, avgMw: -4 }),
    ];
    await store.write(batch([house, kettle]));
    expect(await store.power(ALL)).toEqual([house, kettle].map((row) => ({ ...row, spanMs: MINUTE_MS })));
    expect([store.lastRev(), (await store.rowsAfter(0, 10)).rows]).toEqual([0, []]);
    await store.flush();
    expect(store.lastRev()).toBe(6);
    const { rows } = await store.rowsAfter(0, 2);
    expect(rows).toEqual([
      { ...house, resolution: 'minute', rev: 1 },
      { ...kettle, resolution: 'minute', rev: 2 },
    ]);
    expect(await store.energy({ ...ALL, source: 'house', group: 'day' })).toMatchObject([{ energyMwh: 1000 }]);
    expect([store.condition, words]).toEqual([{ state: 'ok', what: null }, []]);
  });

  it('remembers counters, its name and the cursor over a restart; a close writes what is open', async () => {
    const folder = tempDir();
    const first = new Rig(folder).store;
    const stand = { energyMwh: 5, exportMwh: 0, atWallMs: MONDAY, bookedMwMs: 7, restMwMs: 9 };
    await first.opened;
    await first.write({ rows: minutes(MONDAY, 2), counted: [['appliance:kettle', stand]] });
    await first.saveCursor({ origin: 'ledger', seq: 3, rev: 4 });
    await first.close();
    const { store } = new Rig(folder);
    await store.opened;
    expect([...store.counted()]).toEqual([['appliance:kettle', stand]]);
    expect(await store.cursor()).toEqual({ origin: 'ledger', seq: 3, rev: 4 });
    expect(await store.power(ALL)).toHaveLength(2);
    expect([store.origin, store.lastRev()]).toEqual([first.origin, 4]);
  });

  it('a data directory that cannot be used stops nobody: it is said, and tried again with each batch', async () => {
    const folder = join(tempDir(), 'data');
    writeFileSync(folder, 'no folder');
    const { store, words } = new Rig(folder);
    await store.opened;
    await store.write(batch([minute(MONDAY)]));
    await store.flush();
    await expect(store.power(ALL)).rejects.toMatchObject({ code: 'telemetry_failed' });
    expect([store.condition.state, store.origin, words.length]).toEqual(['failed', null, 1]);
    rmSync(folder);
    await store.flush();
    expect([store.condition.state, words.at(-1)]).toEqual(['ok', 'the power history is written again']);
    expect(await store.power(ALL)).toHaveLength(1);
  });

  it('after its end it refuses, and a late word of the recorder harms nobody', async () => {
    const { store, words } = new Rig(tempDir());
    await store.close();
    await store.write(batch([minute(MONDAY)]));
    await store.flush();
    await expect(store.power(ALL)).rejects.toMatchObject({ code: 'telemetry_closed' });
    expect(words).toEqual([]);
  });
});
