import { describe, expect, it } from 'vitest';
import { showDecision } from '../../daemon/core/audit.ts';
import { MAX_MW } from '../../daemon/core/watts.ts';
import { ANNA, answered, events, Home } from './home.ts';
import { lampThatIs, play, type Way } from './play.ts';

describe('what its own meter says of an appliance that is not known to be off counts', () => {
  it.each([
    'turning on',
    'on',
    'turning off',
    'on, unreachable',
    'stuck on',
    'OFF failed, unreachable',
    'ON failed, OFF under way',
    'on before a restart',
    'off before a restart',
    'never read',
  ] satisfies Way[])('%s', (way) => {
    const home = lampThatIs(way).add({ oven: { w: 4000, channel: 'attic/1' } });
    expect(events(play(home, 'lamp measured 1500'))).toEqual(['peak lamp 1500']);
    expect(home.reservedW()).toBe(1500);
    expect(answered(home.toggle('oven', 'on').reply)).toBe('capacity_exceeded');
  });

  it('off, and nobody can prove it', () => {
    const home = lampThatIs('turning off');
    home.obeys('lamp', 'unproven');
    expect(events(play(home, 'lamp measured 1500'))).toEqual(['peak lamp 1500']);
    expect(home.reservedW()).toBe(1500);
  });

  it('nobody measures more than a house can carry: sums stay exact (S4)', () => {
    const home = new Home().add({ lamp: { w: 0.003 }, tv: { w: 100.001 } }).switchedOn('lamp', 'tv');
    home.decide({ kind: 'measured', appliance: 'lamp', powerMw: Number.MAX_SAFE_INTEGER });
    expect(home.appliance('lamp').peakMw).toBe(MAX_MW);
    for (const id of ['tv', 'lamp']) play(home, `${id} off; ${id} obeys`);
    expect(home.reservedW()).toBe(0);
  });
});

describe('off by its register, drawing by its own meter: a welded contact (S9)', () => {
  const welded = (way: Way = 'off') => {
    const home = lampThatIs(way).add({ oven: { w: 4500, channel: 'attic/1' } });
    return { home, told: events(play(home, 'lamp measured 900')) };
  };

  it('counts at once, and says what is wrong', () => {
    const { home, told } = welded();
    expect(told).toEqual(['observed lamp on stuck_on']);
    expect(home.view('lamp')).toMatchObject({ is_on: false, relay_state: 'on', fault: 'stuck_on', power_w: 1000 });
    expect(home.state.circuits.get('house')).toMatchObject({ reservedMw: 1e6, knownMw: 1e6, heldMw: 0 });
    expect(answered(home.toggle('oven', 'on').reply)).toBe('capacity_exceeded');
    const [event] = home.history.filter(({ kind }) => kind === 'observed').slice(-1);
    expect(event && showDecision(event).reason).toBe('its meter says 900 W while it is off');
  });

  it('says so once, and again only with a new peak', () => {
    const { home } = welded();
    expect(events(play(home, 'lamp measured 900; lamp measured 1000'))).toEqual([]);
    expect(events(play(home, 'lamp measured 1200'))).toEqual(['peak lamp 1200']);
    expect(home.reservedW()).toBe(1200);
  });

  it('with more than its rating from the first sample', () => {
    const home = lampThatIs('off');
    expect(events(play(home, 'lamp measured 1300'))).toEqual(['observed lamp on stuck_on', 'peak lamp 1300']);
    expect(home.reservedW()).toBe(1300);
  });

  it('others go for it where it does not fit', () => {
    const home = lampThatIs('off').add({ oven: { w: 4500, channel: 'attic/1' } });
    home.switchedOn('oven');
    expect(events(play(home, 'lamp measured 900'))).toEqual(['observed lamp on stuck_on', 'ordered oven off shed']);
  });

  it.each([
    'lamp reads off',
    'lamp off; lamp obeys',
    'lamp off; lamp obeys by reading',
    'restart; lamp reads off',
    'main lost; lamp reads off',
    'lamp on; lamp obeys; lamp off; lamp obeys by reading',
    // Between standby and a load, and just standby while it is ordered on.
    'lamp measured 50',
    'lamp on; lamp obeys; lamp measured 0; lamp off; lamp obeys',
  ])('%s: the register does not outweigh the meter', (steps) => {
    const { home } = welded();
    play(home, steps);
    expect(home.view('lamp')).toMatchObject({ relay_state: 'on', fault: 'stuck_on', reserved_w: 1000 });
  });

  it.each([
    ['lamp measured 49.999', 0],
    ['restart; lamp measured 0; lamp reads off', 0],
    ['main lost; lamp measured 0', 1200],
    ['main lost; lamp measured 0; lamp reads off', 0],
  ])('%s: counts %d W', (steps, watts) => {
    const { home } = welded();
    play(home, `lamp measured 1200; ${steps}`);
    expect(home.view('lamp')).toMatchObject({ reserved_w: watts, fault: watts === 0 ? null : 'unreachable' });
  });

  it('an OFF that its board confirms forgets no peak', () => {
    const { home } = welded();
    play(home, 'lamp measured 1200; lamp off; lamp obeys by reading');
    expect(home.reservedW()).toBe(1200);
  });

  it('nor does an OFF under way take its watts with it: others have to go', () => {
    const { home } = welded();
    home.add({ fan: { w: 100, priority: 5 } }).switchedOn('fan');
    play(home, 'lamp off');
    expect(events(home.decide({ kind: 'overload', circuit: 'house', powerMw: 5_050_000 }))).toEqual([
      'ordered fan off shed',
    ]);
  });

  it('what was measured then is forgotten with it', () => {
    const { home } = welded();
    play(home, 'lamp measured 1200; lamp measured 0; lamp on');
    expect(home.reservedW()).toBe(1000);
  });

  it('a retired relay that draws is not disconnected', () => {
    const home = lampThatIs('retired');
    play(home, 'lamp measured 900');
    expect([home.reservedW(), home.view('lamp').retired]).toEqual([1000, null]);
  });

  it('flips off, and an OFF is tried again', () => {
    const { home } = welded();
    expect(events(home.toggle('lamp', 'flip'))).toEqual(['ordered lamp off request']);
  });

  it('whose meter measures something else: an admin retires it, then it may go', () => {
    const { home } = welded();
    expect(events(play(home, 'lamp retire'))).toEqual(['retired lamp']);
    play(home, 'main lost; lamp reads off');
    expect(home.view('lamp')).toMatchObject({ retired: null, reserved_w: 0, fault: null });
    const { reply } = home.decide({ kind: 'remove_appliance', appliance: 'lamp', who: ANNA });
    expect(answered(reply)).toBe('done');
  });

  it('a declared load simply draws, until its meter says no more or is gone with a start', () => {
    const home = new Home().add({ tv: { w: 100, channel: null } });
    expect(events(play(home, 'tv measured 80'))).toEqual(['observed tv on']);
    expect(home.view('tv')).toMatchObject({ relay_state: 'on', fault: null, reserved_w: 100 });
    play(home, 'restart');
    expect(home.reservedW()).toBe(0);
  });
});
