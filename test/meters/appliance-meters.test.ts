import { describe, expect, it } from 'vitest';
import { AskedMeter, reading, TalkingMeter } from './fake-meter.ts';
import { LOADS, MeteredHome } from './metered-home.ts';

describe('the meter of an appliance', () => {
  function withOvenMeter(measures = 'appliance:oven') {
    const p1 = new TalkingMeter();
    let oven: AskedMeter | undefined;
    const home = new MeteredHome(LOADS, (clock) => {
      oven = new AskedMeter(clock, { id: 'o', measures });
      oven.says = reading(0);
      return [p1.metered, oven.metered];
    });
    if (oven === undefined) throw new Error('no meter');
    return { p1, oven, home, clock: home.clock };
  }

  it('is what the appliance draws, while it is fresh', async () => {
    const { oven, home, clock } = withOvenMeter();
    oven.says = reading(750.25);
    await clock.advance(1500);
    expect([home.meters.applianceMw('oven'), home.meters.applianceMw('lamp')]).toEqual([750_250, null]);
    oven.says = 'timeout';
    await clock.advance(20_000);
    expect(home.meters.applianceMw('oven')).toBeNull();
  });

  it('tells a new peak, and only of what is on', async () => {
    const { oven, home, clock } = withOvenMeter();
    oven.says = reading(2100);
    await clock.advance(3000);
    expect(home.told).toEqual([]);
    home.on('oven');
    await clock.advance(5000);
    expect(home.told).toEqual(['peak oven 2100']);
    expect(home.inputs.filter(({ kind }) => kind === 'measured')).toHaveLength(1);
  });

  it('leaves more of the house to what nobody switches', async () => {
    const { p1, oven, home } = withOvenMeter();
    home.on('oven');
    oven.says = reading(400);
    await home.says(p1, 1600, 12);
    expect(home.backgroundW()).toBe(1200);
    expect(home.home.reservedW()).toBe(3200);
  });

  it('that hears of a thermostat later than the house does makes no background of it', async () => {
    const { p1, oven, home } = withOvenMeter();
    home.on('oven');
    await home.says(p1, 100, 10);
    for (const watts of [2100, 100, 2100, 100]) {
      p1.says(watts);
      await home.clock.advance(900);
      oven.says = reading(watts - 100);
      await home.says(p1, watts, 4);
    }
    expect(home.told).toEqual(['background house 100']);
  });

  it('that dies while its appliance draws nothing makes no background of what it draws then', async () => {
    const { p1, oven, home } = withOvenMeter();
    home.on('oven');
    await home.says(p1, 100, 10);
    oven.says = 'timeout';
    await home.says(p1, 2100, 30);
    expect(home.told).toEqual(['background house 100']);
  });

  const measured = (home: MeteredHome) =>
    home.inputs.flatMap((input) => (input.kind === 'measured' ? input.powerMw / 1000 : []));

  it('tells of a contact that is welded: what is off, and draws for three samples', async () => {
    const { oven, home, clock } = withOvenMeter();
    home.on('oven');
    oven.says = reading(2000);
    await clock.advance(3000);
    home.play('oven off; oven obeys');
    await clock.advance(2000);
    expect(measured(home)).toEqual([]);
    await clock.advance(1000);
    expect(measured(home)).toEqual([2000]);
    expect(home.meters.applianceMw('oven')).toBe(2_000_000);
  });

  it('and tells as well when it draws no more: else it would count for ever', async () => {
    const { oven, home, clock } = withOvenMeter();
    home.on('oven');
    home.play('oven off; oven obeys');
    oven.says = reading(2000);
    await clock.advance(8000);
    expect(home.home.reservedW()).toBeGreaterThanOrEqual(2000);
    oven.says = reading(0);
    await clock.advance(3000);
    expect(home.home.reservedW()).toBe(0);
  });

  it.each([
    ['a trickle', [50, 50, 50, 50, 50, 50]],
    ['now and then a sample', [900, 900, 0, 900, 900, 0]],
  ])('%s through what is off is nothing', async (_, samples) => {
    const { oven, home, clock } = withOvenMeter();
    for (const watts of samples) {
      oven.says = reading(watts);
      await clock.advance(1000);
    }
    expect(measured(home)).toEqual([]);
  });

  it('and three samples of one that is read each 3 s', async () => {
    let slow: AskedMeter | undefined;
    const home = new MeteredHome(LOADS, (clock) => {
      slow = new AskedMeter(clock, { measures: 'appliance:oven', periodMs: 3000 });
      slow.says = reading(2000);
      return [slow.metered];
    });
    await home.clock.advance(5000);
    expect(measured(home)).toEqual([]);
    await home.clock.advance(3000);
    expect(measured(home)).toEqual([2000]);
  });

  it('that talks too seldom tells nothing of what is off: its word is older than the OFF', async () => {
    let seldom: AskedMeter | undefined;
    const home = new MeteredHome(LOADS, (clock) => {
      seldom = new AskedMeter(clock, { measures: 'appliance:oven', periodMs: 10_000, staleAfterMs: 25_000 });
      seldom.says = reading(2000);
      return [seldom.metered];
    });
    await home.clock.advance(60_000);
    expect(home.inputs).toEqual([]);
  });

  it.each(['main lost', 'oven off; oven obeys unproven'])(
    'tells more than it counts of whatever is not off for certain (%s)',
    async (steps) => {
      const { oven, home, clock } = withOvenMeter();
      home.on('oven');
      if (steps === 'main lost') home.play(steps);
      else {
        home.home.toggle('oven', 'off');
        home.home.obeys('oven', 'unproven');
      }
      oven.says = reading(1990);
      await clock.advance(3000);
      expect(measured(home)).toEqual([]);
      oven.says = reading(3500);
      await clock.advance(1500);
      expect(measured(home)).toContain(3500);
    },
  );

  it('that creeps up is told in steps', async () => {
    const { oven, home, clock } = withOvenMeter();
    home.on('oven');
    for (let second = 1; second <= 100; second++) {
      oven.says = reading(2000 + second / 5);
      await clock.advance(1000);
    }
    expect(home.told).toEqual(['peak oven 2010', 'peak oven 2020']);
  });

  it('of an appliance that is not there is shown, and decides nothing', async () => {
    const { oven, home, clock } = withOvenMeter('appliance:sauna');
    oven.says = reading(9000);
    await clock.advance(3000);
    expect(home.inputs).toEqual([]);
    expect(home.meters.views()[1]).toMatchObject({ power_w: 9000 });
  });
});
