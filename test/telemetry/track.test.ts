import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PowerRow } from '../../daemon/core/power.ts';
import { MINUTE_MS } from '../../daemon/telemetry/limits.ts';
import { MWH } from '../../daemon/telemetry/minute.ts';
import type { Counted } from '../../daemon/telemetry/port.ts';
import { Track } from '../../daemon/telemetry/track.ts';
import { WallNames } from '../../daemon/telemetry/wall-names.ts';
import { MONDAY } from './fixtures.ts';

/** One source whose uptime began at a full minute of the wall. */
class Rig {
  readonly rows: PowerRow[] = [];
  readonly names = new WallNames(0, MONDAY);
  readonly track: Track;

  constructor({ source = 'appliance:kettle', resumed = null as Counted | null, upMs = 0 } = {}) {
    this.track = new Track({
      source,
      names: this.names,
      upMs,
      wallMs: MONDAY + upMs,
      resumed,
      isClockSure: () => true,
      finished: (row) => this.rows.push(row),
    });
  }

  reads(atUpMs: number, powerMw: number, energyMwh: number | null = null, exportMwh: number | null = null): this {
    this.track.reading({ powerMw, energyMwh, exportMwh, atUpMs, atWallMs: MONDAY + atUpMs });
    return this;
  }

  get mwh(): number {
    return this.rows.reduce((sum, { energyMwh }) => sum + energyMwh, 0);
  }
}

describe('samples become minutes', () => {
  it('a reading holds until the next one', () => {
    const rig = new Rig().reads(0, 1000).reads(15_000, 5000);
    rig.track.advance(MINUTE_MS);
    expect(rig.rows).toMatchObject([
      { startMs: MONDAY, avgMw: 4000, minMw: 1000, maxMw: 5000, coveredMs: MINUTE_MS, samples: 2, isEstimated: false },
    ]);
  });

  it('a silent source has a gap, never 0', () => {
    const rig = new Rig().reads(0, 6000);
    rig.track.silence(20_000);
    rig.track.advance(3 * MINUTE_MS);
    rig.reads(3 * MINUTE_MS + 30_000, 2000);
    rig.track.advance(4 * MINUTE_MS);
    expect(rig.rows).toMatchObject([
      { startMs: MONDAY, avgMw: 6000, minMw: 6000, coveredMs: 20_000 },
      { startMs: MONDAY + 3 * MINUTE_MS, avgMw: 2000, minMw: 2000, coveredMs: 30_000 },
    ]);
  });

  it('what nothing measures is estimated, and the samples are none', () => {
    const rig = new Rig();
    rig.track.estimate(2_000_000, 0);
    rig.track.cut(MINUTE_MS / 2);
    expect(rig.rows).toMatchObject([{ avgMw: 2_000_000, coveredMs: 30_000, samples: 0, isEstimated: true }]);
  });

  it('the voltage is averaged over the time in which it was told', () => {
    const rig = new Rig();
    rig.track.reading({ powerMw: 1, voltageMv: 230_000, atUpMs: 0, atWallMs: MONDAY });
    rig.track.reading({ powerMw: 1, voltageMv: null, atUpMs: 20_000, atWallMs: MONDAY });
    rig.track.reading({ powerMw: 1, voltageMv: 240_000, atUpMs: 40_000, atWallMs: MONDAY });
    rig.track.advance(MINUTE_MS);
    expect(rig.rows[0]?.voltageMv).toBe(235_000);
  });

  it('the house has two parts: the appliances, and the rest, which is never below 0', () => {
    const rig = new Rig({ source: 'house' }).reads(0, 3000);
    rig.track.share(1000, 0);
    rig.track.advance(MINUTE_MS);
    rig.track.share(9000, MINUTE_MS);
    rig.track.advance(2 * MINUTE_MS);
    expect(rig.rows).toMatchObject([
      { avgMw: 3000, interactiveMw: 1000, backgroundMw: 2000 },
      { avgMw: 3000, interactiveMw: 9000, backgroundMw: 0 },
    ]);
  });

  it('without a meter of the house nobody knows the rest', () => {
    const rig = new Rig({ source: 'house' });
    rig.track.estimate(700, 0);
    rig.track.share(500, 0);
    rig.track.advance(MINUTE_MS);
    expect(rig.rows).toMatchObject([{ avgMw: 700, interactiveMw: 500, backgroundMw: null, isEstimated: true }]);
  });
});

/** Steps of time, each with what is heard at its end; null: silence. */
const steps = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 200_000 }), fc.option(fc.integer({ min: -20_000_000, max: 20_000_000 }))),
  { maxLength: 40 },
);

describe('energy', () => {
  it('the sum of the minutes is the integral of the samples, to the last milliwatt-millisecond', () => {
    fc.assert(
      fc.property(steps, (heard) => {
        const rig = new Rig();
        let [upMs, level, areaMwMs, coveredMs] = [0, null as number | null, 0, 0];
        for (const [forMs, next] of heard) {
          upMs += forMs;
          areaMwMs += (level ?? 0) * forMs;
          coveredMs += level === null ? 0 : forMs;
          if (next === null) rig.track.silence(upMs);
          else rig.reads(upMs, next);
          level = next;
        }
        rig.track.cut(upMs);
        expect(rig.mwh * MWH + rig.track.restMwMs).toBe(areaMwMs);
        expect(rig.track.restMwMs).toBeLessThan(MWH);
        expect(rig.rows.reduce((sum, row) => sum + row.coveredMs, 0)).toBe(coveredMs);
        for (const { avgMw, minMw, maxMw } of rig.rows) expect(minMw <= avgMw && avgMw <= maxMw).toBe(true);
      }),
    );
  });

  it('a counter has the last word: its rise is the sum of the minutes, over gaps and silences', () => {
    const counted = fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 400_000 }),
        fc.integer({ min: 0, max: 3_000_000 }),
        fc.integer({ min: 0, max: 5000 }),
      ),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(counted, (heard) => {
        const rig = new Rig().reads(0, 100_000, 7000);
        let [upMs, count] = [0, 7000];
        for (const [forMs, powerMw, riseMwh] of heard) {
          if (forMs % 3 === 0) rig.track.silence(upMs + Math.floor(forMs / 2));
          upMs += forMs;
          count += riseMwh;
          rig.reads(upMs, powerMw, count);
        }
        // It moves a last time, and nothing is booked by power since.
        rig.reads(upMs, 0, count + 1);
        rig.track.cut(upMs + 1);
        expect(rig.mwh + rig.track.restMwMs / MWH).toBeCloseTo(count + 1 - 7000, 6);
      }),
    );
  });

  it('what a counter rose over a gap is booked in the minute in which it is heard', () => {
    const rig = new Rig().reads(0, 0, 1000);
    rig.track.silence(MINUTE_MS);
    rig.track.advance(10 * MINUTE_MS);
    rig.reads(10 * MINUTE_MS + 1, 0, 51_000);
    rig.track.advance(11 * MINUTE_MS);
    expect(rig.rows.map(({ startMs, energyMwh }) => [(startMs - MONDAY) / MINUTE_MS, energyMwh])).toEqual([
      [0, 0],
      [10, 50_000],
    ]);
  });

  it('a coarse counter leaves the minutes smooth: it corrects when it moves', () => {
    const rig = new Rig();
    for (let s = 0; s < 300; s++) rig.reads(s * 1000, 60_000, 1000 * Math.floor((s * 60) / 3600));
    rig.track.advance(5 * MINUTE_MS);
    for (const { energyMwh } of rig.rows) expect(Math.abs(energyMwh - 1000)).toBeLessThan(20);
  });

  it.each([
    ['fell: it was reset, or the device exchanged', 400, null, null],
    ['leapt further than anything draws', 400_000_000, null, null],
    ['of exports fell', 60_000, 10, 5],
  ])('a counter that %s tells nothing; what power booked stays', (_, next, outBefore, outNext) => {
    const rig = new Rig().reads(0, 3_600_000, 50_000, outBefore).reads(30_000, 3_600_000, next, outNext);
    rig.track.advance(MINUTE_MS);
    expect(rig.rows[0]?.energyMwh).toBe(60_000);
  });

  it('exports count against imports', () => {
    const rig = new Rig().reads(0, -3_600_000, 100, 500).reads(30_000, 0, 100, 30_600);
    rig.track.advance(MINUTE_MS);
    expect(rig.rows[0]?.energyMwh).toBe(-30_100);
  });

  it('goes on exactly after a restart or a crash: what was lost in between, the counter tells', () => {
    const before = new Rig().reads(0, 3_600_000, 10_000);
    before.track.advance(MINUTE_MS);
    const { counted } = before.track;
    before.reads(MINUTE_MS + 1000, 3_600_000, 71_000); // of the open minute, which the crash takes along
    const after = new Rig({ resumed: counted, upMs: 20 * MINUTE_MS }).reads(20 * MINUTE_MS, 0, 200_000);
    after.track.cut(20 * MINUTE_MS + 1);
    expect(before.mwh + after.mwh).toBe(190_000);
  });
});
