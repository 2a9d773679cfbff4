import { describe, expect, it } from 'vitest';
import type { PowerRow } from '../../daemon/core/power.ts';
import { BATCH_MS, HOUR_MS, MINUTE_MS } from '../../daemon/telemetry/limits.ts';
import type { Counted, Minutes } from '../../daemon/telemetry/port.ts';
import { Recorder } from '../../daemon/telemetry/recorder.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { MONDAY } from './fixtures.ts';

/** A clock whose wall can be set, and whose process can stand still. */
class Wall extends VirtualClock {
  setByMs = 0;
  #stoodStillMs = 0;

  override nowMs(): number {
    return super.nowMs() + this.#stoodStillMs;
  }

  override wallMs(): number {
    return super.wallMs() + this.#stoodStillMs + this.setByMs;
  }

  /** Time passes, and no timer fires. */
  standStill(ms: number): void {
    this.#stoodStillMs += ms;
  }
}

class Rig {
  readonly clock = new Wall(MONDAY);
  readonly written: Minutes[] = [];
  /** So many batches had been written at each flush. */
  readonly flushes: number[] = [];
  readonly metered = new Set<string>();
  readonly counted = new Map<string, Counted>();
  readonly recorder: Recorder;
  isClockSure = true;

  constructor({ metered = [] as string[], baseLoadMw = 0 } = {}) {
    for (const source of metered) this.metered.add(source);
    this.recorder = new Recorder({
      clock: this.clock,
      store: {
        write: async (minutes) => void this.written.push(minutes),
        flush: async () => void this.flushes.push(this.written.length),
        counted: () => this.counted,
      },
      baseLoadMw,
      isClockSure: () => this.isClockSure,
      metered: () => new Set(this.metered),
      onTrouble: (what) => {
        throw new Error(what);
      },
    });
  }

  reads(source: string, powerMw: number, energyMwh: number | null = null): this {
    const { clock } = this;
    this.recorder.reading(source, { powerMw, energyMwh, atUpMs: clock.nowMs(), atWallMs: clock.wallMs() });
    return this;
  }

  rows(source: string): PowerRow[] {
    return this.written.flatMap(({ rows }) => rows).filter((row) => row.source === source);
  }

  /** Start of each row in minutes from the beginning, and how many seconds were heard. */
  heard(source: string): [minute: number, seconds: number][] {
    return this.rows(source).map(({ startMs, coveredMs }) => [(startMs - MONDAY) / MINUTE_MS, coveredMs / 1000]);
  }
}

describe('what is recorded', () => {
  it('each minute is handed over as it ends; a batch goes to the disk every five', async () => {
    const rig = new Rig({ metered: ['house'] }).reads('house', 5000);
    await rig.clock.advance(BATCH_MS - 1);
    expect([rig.written.length, rig.flushes]).toEqual([4, []]);
    await rig.clock.advance(1);
    expect([rig.written.length, rig.flushes]).toEqual([5, [5]]);
    expect(rig.rows('house').map(({ startMs }) => startMs)).toEqual([0, 1, 2, 3, 4].map((i) => MONDAY + i * MINUTE_MS));
  });

  it('a clean stop writes the open minute at once, and no timer is left', async () => {
    const rig = new Rig({ metered: ['house'] }).reads('house', 5000);
    await rig.clock.advance(20_000);
    await rig.recorder.close();
    expect(rig.rows('house')).toMatchObject([{ coveredMs: 20_000 }]);
    expect([rig.flushes, rig.clock.pending]).toEqual([[1], 0]);
  });

  it('what a counter stood at goes with the minutes that it explains', async () => {
    const rig = new Rig().reads('appliance:kettle', 3_600_000, 500);
    await rig.clock.advance(MINUTE_MS);
    expect(rig.written[0]?.counted).toMatchObject([
      ['appliance:kettle', { energyMwh: 500, bookedMwMs: 3_600_000 * MINUTE_MS }],
    ]);
  });

  it('a row tells whether the clock was sure when it ended', async () => {
    const rig = new Rig().reads('house', 1);
    rig.isClockSure = false;
    await rig.clock.advance(MINUTE_MS);
    rig.isClockSure = true;
    await rig.clock.advance(MINUTE_MS);
    expect(rig.rows('house').map(({ isClockSure }) => isClockSure)).toEqual([false, true]);
  });
});

describe('where nothing measures', () => {
  it('rated watts of what is on stand in, and what nobody knows is a gap', async () => {
    const rig = new Rig();
    rig.recorder.standing('appliance:oven', 2_000_000);
    rig.recorder.standing('appliance:lamp', null);
    await rig.clock.advance(MINUTE_MS);
    rig.recorder.standing('appliance:oven', 0);
    await rig.clock.advance(MINUTE_MS);
    expect(rig.rows('appliance:oven')).toMatchObject([
      { avgMw: 2_000_000, isEstimated: true, samples: 0 },
      { avgMw: 0, isEstimated: true, coveredMs: MINUTE_MS },
    ]);
    expect(rig.rows('appliance:lamp')).toEqual([]);
  });

  it('a house without a meter is its appliances, measured or estimated, and the base load', async () => {
    const rig = new Rig({ baseLoadMw: 100_000 });
    rig.recorder.standing('appliance:oven', 2_000_000);
    rig.reads('appliance:kettle', 30_000);
    await rig.clock.advance(MINUTE_MS / 2);
    rig.reads('appliance:kettle', 50_000);
    await rig.clock.advance(MINUTE_MS / 2);
    expect(rig.rows('house')).toMatchObject([
      {
        avgMw: 2_140_000,
        minMw: 2_130_000,
        maxMw: 2_150_000,
        isEstimated: true,
        interactiveMw: 2_040_000,
        backgroundMw: null,
      },
    ]);
  });

  it('a meter that is silent is not replaced by a guess; in the part of the appliances its rated watts stand in', async () => {
    const rig = new Rig({ metered: ['house', 'appliance:oven'] })
      .reads('house', 3_000_000)
      .reads('appliance:oven', 1_000_000);
    rig.recorder.standing('appliance:oven', 2_000_000);
    await rig.clock.advance(MINUTE_MS);
    rig.recorder.silent('appliance:oven');
    await rig.clock.advance(MINUTE_MS);
    expect(rig.heard('appliance:oven')).toEqual([[0, 60]]);
    expect(rig.rows('house')).toMatchObject([
      { interactiveMw: 1_000_000, backgroundMw: 2_000_000 },
      { interactiveMw: 2_000_000, backgroundMw: 1_000_000 },
    ]);
  });

  it('a meter that is taken away gives way to what is known, a new one takes over', async () => {
    const rig = new Rig({ metered: ['appliance:oven', 'house'] }).reads('appliance:oven', 5).reads('house', 7);
    rig.recorder.standing('appliance:oven', 900);
    await rig.clock.advance(MINUTE_MS);
    rig.metered.clear();
    await rig.clock.advance(2 * MINUTE_MS);
    rig.metered.add('appliance:oven');
    await rig.clock.advance(MINUTE_MS);
    rig.reads('appliance:oven', 6);
    await rig.clock.advance(MINUTE_MS);
    const told = rig.rows('appliance:oven').map(({ avgMw, isEstimated }) => [avgMw, isEstimated]);
    expect(told).toEqual([
      [5, false],
      [5, false],
      [900, true],
      [900, true],
      [6, false],
    ]);
    expect(rig.rows('house').map(({ avgMw, isEstimated }) => [avgMw, isEstimated])).toEqual([
      [7, false],
      [7, false],
      [900, true],
      [900, true],
      [6, true],
    ]);
  });

  it('an appliance that is removed has no rows any more, and draws nothing', async () => {
    const rig = new Rig();
    rig.recorder.standing('appliance:oven', 900);
    await rig.clock.advance(MINUTE_MS / 2);
    rig.recorder.forget('appliance:oven');
    await rig.clock.advance(2 * MINUTE_MS);
    expect(rig.heard('appliance:oven')).toEqual([[0, 30]]);
    expect(rig.rows('house').map(({ avgMw }) => avgMw)).toEqual([450, 0]);
  });
});

describe('clocks', () => {
  it('an hour back: the open minute is cut, and the same minutes come again, for the store to merge', async () => {
    const rig = new Rig({ metered: ['house'] });
    await rig.clock.advance(HOUR_MS);
    rig.reads('house', 1000);
    await rig.clock.advance(90_000);
    rig.clock.setByMs = -HOUR_MS;
    rig.reads('house', 1000);
    await rig.clock.advance(90_000);
    expect(rig.heard('house')).toEqual([
      [60, 60],
      [61, 30],
      [1, 30],
      [2, 60],
    ]);
  });

  it('an hour ahead: a hole of minutes that never were, and no time is lost or invented', async () => {
    const rig = new Rig({ metered: ['house'] }).reads('house', 1000);
    await rig.clock.advance(30_000);
    rig.clock.setByMs = HOUR_MS;
    rig.reads('house', 1000);
    await rig.clock.advance(90_000);
    expect(rig.heard('house')).toEqual([
      [0, 30],
      [60, 30],
      [61, 60],
    ]);
  });

  it('what NTP slews is no jump: whole minutes stay whole', async () => {
    const rig = new Rig({ metered: ['house'] }).reads('house', 1000);
    for (let s = 0; s < 600; s++) {
      rig.clock.setByMs -= s % 2;
      rig.reads('house', 1000);
      await rig.clock.advance(1000);
    }
    expect(rig.heard('house').map(([, seconds]) => seconds)).toEqual(Array.from({ length: 10 }, () => 60));
  });

  it('while the process stood still nobody heard anything', async () => {
    const rig = new Rig({ metered: ['house'] }).reads('house', 1000);
    rig.recorder.standing('appliance:oven', 10);
    await rig.clock.advance(MINUTE_MS);
    rig.clock.standStill(10 * MINUTE_MS);
    await rig.clock.advance(MINUTE_MS);
    rig.reads('house', 1000);
    await rig.clock.advance(MINUTE_MS);
    expect(rig.heard('house')).toEqual([
      [0, 60],
      [12, 60],
    ]);
    expect(rig.heard('appliance:oven')).toEqual([
      [0, 60],
      [12, 60],
    ]);
  });
});
