import { describe, expect, it } from 'vitest';
import type { Household } from '../../daemon/core/model.ts';
import type { Load } from '../core/home.ts';
import { TalkingMeter } from './fake-meter.ts';
import { LOADS, MeteredHome } from './metered-home.ts';

function withP1(loads: Readonly<Record<string, Load>> = LOADS, house: Partial<Household> = {}) {
  const p1 = new TalkingMeter();
  const home = new MeteredHome(loads, () => [p1.metered], house);
  return { p1, home, clock: home.clock };
}

describe('the meter of the house', () => {
  it('sees what its appliances do not explain', async () => {
    const { p1, home } = withP1();
    home.on('oven');
    await home.says(p1, 2700, 5);
    expect(home.backgroundW()).toBe(700);
    expect(home.home.reservedW()).toBe(2700);
    expect(home.meters.houseMw).toBe(2_700_000);
  });

  it('is told only when the held peak changed', async () => {
    const { p1, home } = withP1();
    for (const watts of [300, 200, 250, 305, 100, 310]) await home.says(p1, watts, 3);
    await home.clock.advance(5000);
    expect(home.told).toEqual(['background house 300', 'background house 310']);
  });

  it('sheds when what it sees does not fit', async () => {
    const { p1, home } = withP1();
    home.on('oven', 'lamp');
    await home.says(p1, 5100, 5);
    expect(home.told).toEqual(['ordered lamp off shed', 'background house 2600']);
  });

  it('does not take for background what has just been switched off', async () => {
    const { p1, home } = withP1();
    home.on('oven', 'lamp');
    await home.says(p1, 2600, 5);
    home.play('oven off; oven obeys');
    // The telegram that comes now was measured before.
    await home.says(p1, 2600, 2);
    await home.says(p1, 600, 20);
    expect(home.told).toEqual(['background house 100']);
  });

  it('nor what a hand has just switched on, until the board is polled', async () => {
    const { p1, home, clock } = withP1();
    await home.says(p1, 100, 5);
    p1.says(2100);
    await clock.advance(900);
    p1.says(2100);
    home.play('oven reads on');
    await home.says(p1, 2100, 10);
    expect(home.told).toEqual(['background house 100']);
  });

  it('that goes silent keeps its last peak, and measures nothing', async () => {
    const { p1, home, clock } = withP1();
    await home.says(p1, 800, 5);
    await clock.advance(3_600_000);
    expect([home.backgroundW(), home.meters.houseMw]).toEqual([800, null]);
    expect(home.meters.views()).toMatchObject([{ power_w: 800, stale: true }]);
  });

  it('falls when a quarter of an hour saw less', async () => {
    const { p1, home } = withP1();
    await home.says(p1, 800, 3);
    await home.says(p1, 300, 14 * 60);
    expect(home.backgroundW()).toBe(800);
    await home.says(p1, 300, 3 * 60);
    expect(home.backgroundW()).toBe(300);
  });

  it('holds over a restart what it held before', async () => {
    const { p1, home } = withP1();
    await home.says(p1, 800, 5);
    const again = new TalkingMeter();
    home.restart([again.metered]);
    home.play('oven reads off; lamp reads off');
    await home.says(again, 100, 10 * 60);
    expect(home.backgroundW()).toBe(800);
    await home.says(again, 100, 7 * 60);
    expect(home.backgroundW()).toBe(100);
  });

  it('does not excuse what cannot be proven off with what is held for it', async () => {
    const { p1, home } = withP1();
    home.on('oven');
    home.home.toggle('oven', 'off');
    home.home.obeys('oven', 'unproven');
    await home.says(p1, 300, 10);
    expect(home.backgroundW()).toBe(300);
    expect(home.home.reservedW()).toBe(2300);
  });

  it('sheds what is known when relays that nobody can read take the house over its limit (S1)', async () => {
    const { p1, home } = withP1({ ...LOADS, attic: { w: 3000, channel: 'attic/1' } });
    home.on('oven', 'lamp');
    home.play('attic lost');
    await home.says(p1, 4000, 10);
    expect(home.told).toEqual([]);
    await home.says(p1, 5200, 4);
    expect(home.told).toEqual([]);
    await home.says(p1, 5200, 3);
    expect(home.told).toEqual(['ordered lamp off shed']);
  });

  it('also while the meter of an appliance sees it draw less and less', async () => {
    const p1 = new TalkingMeter();
    const fridge = new TalkingMeter({ id: 'f', measures: 'appliance:fridge' });
    const loads = { fridge: { w: 200, isProtected: true }, oven: { w: 2000 }, attic: { w: 3000, channel: 'attic/1' } };
    const home = new MeteredHome(loads, () => [p1.metered, fridge.metered]).on('fridge', 'oven');
    home.play('attic lost');
    for (let second = 0; second < 60; second++) {
      fridge.says(190 - second);
      await home.says(p1, second < 30 ? 4000 : 5110 + 190 - second);
    }
    expect(home.told).toEqual(['background house 110', 'ordered oven off shed']);
  });

  it('is no reason to shed for one sample: an inrush', async () => {
    const { p1, home } = withP1();
    home.on('oven', 'lamp');
    await home.says(p1, 2800, 10);
    await home.says(p1, 6000);
    await home.says(p1, 2800, 10);
    expect(home.told).toEqual(['background house 300']);
  });

  it('does not heed what a stalled connection hands over late', async () => {
    const { p1, home, clock } = withP1();
    home.on('oven', 'lamp');
    await home.says(p1, 2600, 10);
    home.play('oven off; oven obeys');
    await clock.advance(9000);
    for (const watts of [2600, 2600, 2600, 2600, 600, 600, 600, 600, 600]) p1.says(watts);
    await home.says(p1, 600, 20);
    expect(home.told).toEqual(['background house 100']);
  });

  it('waits for a board that is slow to show what a hand switched on', async () => {
    const p1 = new TalkingMeter({ handNoticedMs: 4500 });
    const home = new MeteredHome(LOADS, () => [p1.metered]);
    await home.says(p1, 100, 5);
    await home.says(p1, 2100, 4);
    p1.says(2100);
    await home.clock.advance(400);
    home.play('oven reads on');
    await home.clock.advance(600);
    await home.says(p1, 2100, 10);
    expect(home.told).toEqual(['background house 100']);
  });

  it('a moment over the limit is none', async () => {
    const { p1, home } = withP1({ ...LOADS, attic: { w: 3000, channel: 'attic/1' } });
    home.on('oven', 'lamp');
    home.play('attic lost');
    for (let i = 0; i < 10; i++) {
      await home.says(p1, 5200, 2);
      await home.says(p1, 4900);
    }
    expect(home.told).toEqual([]);
  });
});

describe('the meter of a circuit', () => {
  it('sees that circuit alone', async () => {
    const p1 = new TalkingMeter();
    const kitchen = new TalkingMeter({ id: 'k', measures: 'circuit:kitchen' });
    const loads = { kettle: { w: 1000, circuit: 'kitchen' }, lamp: { w: 500 } };
    const home = new MeteredHome(loads, () => [p1.metered, kitchen.metered]).on('kettle', 'lamp');
    for (let i = 0; i < 5; i++) {
      kitchen.says(1200);
      await home.says(p1, 1800);
    }
    expect([home.backgroundW('kitchen'), home.backgroundW()]).toEqual([200, 300]);
    expect(home.home.reservedW()).toBe(1800);
  });
});

describe('whoever watches', () => {
  it('hears of each change until it had enough', async () => {
    const { p1, home, clock } = withP1();
    const heard: (number | null)[] = [];
    const end = home.meters.onChange(({ power_w }) => heard.push(power_w));
    await home.says(p1, 1);
    await home.says(p1, 2);
    end();
    await home.says(p1, 3);
    expect(heard).toEqual([1, 2]);
    home.meters.close();
    await clock.advance(60_000);
    expect(clock.pending).toBe(0);
  });
});
