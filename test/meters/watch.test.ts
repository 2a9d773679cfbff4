import { describe, expect, it } from 'vitest';
import { TIMES } from '../../daemon/meters/limits.ts';
import type { Metered } from '../../daemon/meters/port.ts';
import { MeterWatch } from '../../daemon/meters/watch.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { AskedMeter, reading, TalkingMeter } from './fake-meter.ts';

class Rig {
  readonly clock = new VirtualClock();
  readonly heardW: number[] = [];
  readonly troubles: string[] = [];
  changes = 0;
  exchanges = 0;

  watch(metered: Metered): MeterWatch {
    const around = {
      clock: this.clock,
      onExchange: () => {
        this.exchanges += 1;
      },
      onTrouble: (what: string) => this.troubles.push(what),
    };
    const watch = new MeterWatch(metered, around, {
      reading: (heard) => this.heardW.push(heard.reading.powerMw / 1000),
      changed: () => {
        this.changes += 1;
      },
    });
    watch.start();
    return watch;
  }
}

function asked(options?: ConstructorParameters<typeof AskedMeter>[1], says: AskedMeter['says'] = reading(100)) {
  const rig = new Rig();
  const meter = new AskedMeter(rig.clock, options);
  meter.says = says;
  return { rig, clock: rig.clock, meter, watch: rig.watch(meter.metered) };
}

function talking(options?: ConstructorParameters<typeof TalkingMeter>[0]) {
  const rig = new Rig();
  const meter = new TalkingMeter(options);
  return { rig, clock: rig.clock, meter, watch: rig.watch(meter.metered) };
}

describe('a meter that is asked', () => {
  it('once a period, counted from when the question left, behind all relays', async () => {
    const { clock, meter } = asked();
    await clock.advance(5500);
    expect(meter.asked).toHaveLength(6);
    expect(new Set(meter.asked.map(({ priority }) => priority))).toEqual(new Set(['meter']));
  });

  it('never twice at once', async () => {
    const { clock, meter } = asked();
    meter.says = 'nothing';
    await clock.advance(30_000);
    meter.opening.become({ isOpen: true });
    await clock.advance(30_000);
    expect(meter.asked).toHaveLength(2);
    expect(meter.underWay).toBe(1);
  });

  it('is asked at once when its port opens, however long its period', async () => {
    const { clock, meter, watch } = asked({ periodMs: 3_600_000, staleAfterMs: 9_000_000 });
    meter.opening.state = { isOpen: false, reason: 'the cable is out' };
    await clock.advance(3_700_000);
    const { length } = meter.asked;
    meter.opening.become({ isOpen: true });
    await clock.advance(100);
    expect(meter.asked).toHaveLength(length + 1);
    expect(watch.freshMw).toBe(100_000);
  });

  it('is asked more and more seldom while it is dead, and as before once it answers', async () => {
    const { clock, meter } = asked();
    meter.says = 'timeout';
    const atS: number[] = [];
    for (let second = 0; second < 110; second++) {
      const { length } = meter.asked;
      await clock.advance(1000);
      if (meter.asked.length > length) atS.push(second);
    }
    expect(atS).toEqual([0, 1, 2, 5, 11, 23, 47, 77, 107]);
    meter.says = reading(100);
    await clock.advance(30_000);
    const { length } = meter.asked;
    await clock.advance(10_000);
    expect(meter.asked).toHaveLength(length + 10);
  });

  it('and is asked at once when its port opens, also then', async () => {
    const { clock, meter } = asked();
    meter.says = 'timeout';
    await clock.advance(50_000);
    const { length } = meter.asked;
    meter.opening.become({ isOpen: true });
    await clock.advance(1);
    expect(meter.asked).toHaveLength(length + 1);
  });

  it('a driver that breaks is reported, and is a meter that does not answer', async () => {
    const { rig, clock, meter, watch } = asked();
    meter.says = 'a bug';
    await clock.advance(12_000);
    expect(rig.troubles[0]).toBe('the driver of meter m broke');
    expect(watch.view).toMatchObject({ stale: true, fault: expect.stringContaining('check its power') });
    meter.says = reading(7);
    await clock.advance(30_000);
    expect(watch.view).toMatchObject({ stale: false, fault: null, power_w: 7 });
  });

  it('feeds the watchdog, well or badly', async () => {
    const { rig, clock, meter } = asked();
    await clock.advance(500);
    meter.says = 'timeout';
    await clock.advance(1000);
    expect(rig.exchanges).toBe(2);
  });

  it('ends with close', async () => {
    const { clock, meter, watch } = asked();
    await clock.advance(2500);
    watch.close();
    const { length } = meter.asked;
    meter.opening.become({ isOpen: true });
    await clock.advance(60_000);
    expect(meter.asked).toHaveLength(length);
    expect(clock.pending).toBe(0);
  });
});

describe('what it said', () => {
  it('before the first reading nothing: null, not 0 W', () => {
    const { watch } = talking();
    expect(watch.view).toEqual({
      id: 'p1',
      driver: 'dsmr-p1',
      measures: 'house',
      power_w: null,
      phases: [],
      energy_import_wh: null,
      energy_export_wh: null,
      stale: true,
      fault: null,
      at: null,
    });
  });

  it('in watts, volts, amperes and watt-hours, with the time', async () => {
    const { clock, meter, watch } = talking();
    await clock.advance(1500);
    meter.says(-1234.567);
    expect(watch.view).toMatchObject({
      power_w: -1234.567,
      phases: [{ voltage_v: 230, current_a: -5.368, power_w: -1234.567 }],
      energy_import_wh: 1234.5,
      energy_export_wh: null,
      stale: false,
      at: '2026-01-01T00:00:01.500Z',
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0.5])('a power of %f mW is no reading', async (powerMw) => {
    const { rig, clock, watch } = asked({}, reading(0, { powerMw }));
    await clock.advance(12_000);
    expect(rig.heardW).toEqual([]);
    expect(watch.view).toMatchObject({ power_w: null, stale: true, fault: expect.stringContaining('no number') });
  });

  it.each([1_000_001, -1_000_001])('an implausible %i W is no reading', async (watts) => {
    const { rig, clock, watch } = asked({}, reading(watts));
    await clock.advance(12_000);
    expect(rig.heardW).toEqual([]);
    expect(watch.view).toMatchObject({ power_w: null, stale: true, fault: expect.stringContaining('implausible') });
  });

  it('and what else is no number is not told', async () => {
    const phases = [{ voltageMv: Number.NaN, currentMa: null, powerMw: 5 }];
    const { clock, watch } = asked({}, reading(5, { energyImportMwh: Number.NaN, phases }));
    await clock.advance(100);
    expect(watch.view).toMatchObject({
      energy_import_wh: null,
      phases: [{ voltage_v: null, current_a: null, power_w: 0.005 }],
    });
  });
});

describe('a meter that is silent for too long', () => {
  it('is stale, keeps its last figures, and is fresh again with the next', async () => {
    const { rig, clock, meter, watch } = talking();
    meter.says(500);
    await clock.advance(9999);
    expect([watch.isStale, watch.freshMw]).toEqual([false, 500_000]);
    const { changes } = rig;
    await clock.advance(1);
    expect(rig.changes).toBe(changes + 1);
    expect(watch.freshMw).toBeNull();
    expect(watch.view).toMatchObject({ power_w: 500, stale: true, at: '2026-01-01T00:00:00.000Z' });
    meter.says(600);
    await clock.advance(500);
    expect(watch.view).toMatchObject({ power_w: 600, stale: false, fault: null });
  });

  it('says so, also one that never spoke', async () => {
    const { clock, watch } = talking();
    await clock.advance(10_000);
    expect(watch.view.fault).toBe('nothing was heard for 10 s: check its power, its cable and its baud rate');
  });
});

describe('telegrams that are not of the present', () => {
  it('after a gap: of what comes in one go the last is heard', async () => {
    const { rig, clock, meter } = talking();
    meter.says(1);
    await clock.advance(4000);
    for (const watts of [2, 3, 4]) meter.says(watts);
    expect(rig.heardW).toEqual([1]);
    await clock.advance(400);
    meter.says(5);
    await clock.advance(100);
    expect(rig.heardW).toEqual([1, 5]);
    await clock.advance(600);
    meter.says(6);
    expect(rig.heardW).toEqual([1, 5, 6]);
  });

  it('of a flood: ten a second, and the last of all', async () => {
    const { rig, clock, meter } = talking();
    for (let ms = 0; ms < 1000; ms++) {
      meter.says(ms);
      await clock.advance(1);
    }
    await clock.advance(100);
    expect(rig.heardW).toHaveLength(11);
    expect(rig.heardW.at(-1)).toBe(999);
  });

  it('end with close', async () => {
    const { rig, clock, meter, watch } = talking();
    meter.says(1);
    meter.says(2);
    watch.close();
    meter.says(3);
    await clock.advance(10_000);
    expect(rig.heardW).toEqual([1]);
    expect(clock.pending).toBe(0);
  });
});

describe('what is wrong', () => {
  it(`is told after ${TIMES.missesUntilTold} misses: one spoiled frame is no fault`, async () => {
    const { clock, meter, watch } = asked();
    await clock.advance(100);
    meter.says = 'timeout';
    await clock.advance((TIMES.missesUntilTold - 1) * 1000);
    expect(watch.view.fault).toBeNull();
    await clock.advance(1000);
    expect(watch.view).toMatchObject({ stale: false, fault: expect.stringContaining('check its power') });
  });

  it('a port that is not open: at once, with the reason', async () => {
    const { rig, meter, watch } = talking();
    meter.says(1);
    const { changes } = rig;
    meter.opening.become({ isOpen: false, reason: 'the cable is out' });
    expect(watch.view).toMatchObject({ stale: false, fault: expect.stringContaining('(the cable is out)') });
    expect(rig.changes).toBe(changes + 1);
  });

  it('telegrams that come damaged', async () => {
    const { clock, meter, watch } = talking();
    meter.spoils('its check is wrong');
    expect(watch.view.fault).toContain('its check is wrong');
    meter.says(1);
    meter.spoils('its check is wrong');
    expect(watch.view.fault).toBeNull();
    await clock.advance(10_000);
    expect(watch.view).toMatchObject({ stale: true, fault: expect.stringContaining('its check is wrong') });
  });
});
