import { describe, expect, it } from 'vitest';
import { events, Home } from './home.ts';
import { lampThatIs, play } from './play.ts';

describe('power comes back', () => {
  it.each([
    ['stay_off', 'on before a restart', 'lamp reads off', 0],
    ['restore', 'on before a restart', 'lamp reads off', 1],
    ['restore', 'on, unreachable', 'lamp reads off', 1],
    // Switched off by hand, in front of our eyes: no power cut.
    ['restore', 'on', 'lamp reads off', 0],
    // Nobody knew it to be on.
    ['restore', 'turning on before a restart', 'lamp reads off', 0],
    ['restore', 'off before a restart', 'lamp reads off', 0],
  ] as const)('%s, %s: %s asks again %i times', (onPowerLoss, way, steps, times) => {
    const home = lampThatIs(way);
    home.decide({
      kind: 'change_appliance',
      appliance: 'lamp',
      change: { onPowerLoss },
      who: { principal: 'a', name: 'a', role: 'admin', source: 'cli' },
    });
    const { followUps } = play(home, steps);
    expect(followUps).toHaveLength(times);
    for (const input of followUps)
      expect(input).toMatchObject({ kind: 'toggle', appliance: 'lamp', want: 'on', who: { principal: 'hub' } });
  });

  it('a restore is an ordinary request: it may be refused', () => {
    const home = new Home().add({ lamp: { w: 3000, onPowerLoss: 'restore' }, oven: { w: 3000 } }).switchedOn('lamp');
    const { followUps } = play(home, 'main lost; lamp reads off');
    home.reads({ oven: false });
    home.switchedOn('oven');
    expect(followUps.map((input) => events(home.decide(input)))).toEqual([['refused lamp capacity_exceeded']]);
  });

  it('by priority: the worthiest asks first (design.md 5)', () => {
    const on = { w: 1000, onPowerLoss: 'restore' } as const;
    const home = new Home().add({
      low: { ...on, priority: 10 },
      high: { ...on, priority: 90 },
      mid: { ...on, priority: 50 },
    });
    home.switchedOn('low', 'high', 'mid').restart();
    const { followUps } = home.reads({ low: false, high: false, mid: false });
    expect(followUps.map((input) => 'appliance' in input && input.appliance)).toEqual(['high', 'mid', 'low']);
  });
});

describe('a board that stops answering', () => {
  it('forgets no order and frees nothing', () => {
    const home = new Home()
      .add({ lamp: { w: 1000 }, fan: { w: 500 }, far: { w: 100, channel: 'attic/1' } })
      .switchedOn('lamp', 'far');
    expect(events(play(home, 'main lost'))).toEqual([
      'observed lamp unknown unreachable',
      'observed fan unknown unreachable',
    ]);
    expect(home.view('lamp').is_on).toBe(true);
    expect(home.view('far').relay_state).toBe('on');
    expect(home.reservedW()).toBe(1600);
  });

  it('is reported once', () => {
    const home = lampThatIs('on, unreachable');
    expect(events(play(home, 'main lost'))).toEqual([]);
  });

  it('is never a reason to shed (S2)', () => {
    const home = new Home().add({ lamp: { w: 3000 }, oven: { w: 2000 } }).switchedOn('lamp', 'oven');
    const heard = events(play(home, 'main lost'));
    expect(heard.filter((text) => text.startsWith('ordered'))).toEqual([]);
    expect(home.reservedW()).toBe(5000);
  });

  it('that left the configuration is lost at the start', () => {
    const home = lampThatIs('on');
    const decision = home.restart({ buses: [{ id: 'attic', channels: 8, isSimulated: false }] });
    expect(events(decision)).toEqual(['configured', 'observed lamp unknown unreachable']);
    expect(home.reservedW()).toBe(1000);
  });
});
