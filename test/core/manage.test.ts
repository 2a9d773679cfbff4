import { describe, expect, it } from 'vitest';
import { APPLIANCES_AT_MOST } from '../../daemon/core/manage.ts';
import type { ApplianceSettings } from '../../daemon/core/model.ts';
import { ANNA, answered, events, Home, settingsOf } from './home.ts';
import { lampThatIs, type Way } from './play.ts';

type Change = Partial<Omit<ApplianceSettings, 'id'>>;

function change(home: Home, wanted: Change) {
  return home.decide({ kind: 'change_appliance', appliance: 'lamp', change: wanted, who: ANNA });
}

describe('declaring an appliance', () => {
  const ROWS: readonly [what: string, settings: ApplianceSettings, answer: string][] = [
    ['a free channel', settingsOf('new', { w: 1, channel: 2 }), 'waits for a reading'],
    ['no hardware', settingsOf('new', { w: 1 }), 'done'],
    ['an id that is taken', settingsOf('lamp', { w: 1, channel: 2 }), 'conflict'],
    ['a channel that is taken', settingsOf('new', { w: 1, channel: 1 }), 'conflict'],
    ['the same channel of another board', settingsOf('new', { w: 1, channel: 'attic/1' }), 'waits for a reading'],
    ['a channel that the board has not', settingsOf('new', { w: 1, channel: 9 }), 'invalid_request'],
    ['a bus that is not configured', settingsOf('new', { w: 1, channel: 'cellar/1' }), 'invalid_request'],
    ['a circuit that is not configured', settingsOf('new', { w: 1, circuit: 'cellar' }), 'invalid_request'],
  ];

  it.each(ROWS)('%s: %s', (_, settings, answer) => {
    const home = lampThatIs('off');
    const { reply } = home.decide({ kind: 'add_appliance', settings, who: ANNA });
    expect(answered(reply)).toBe(answer);
  });

  it('counts until it was read, even over the limit: a relay may be on already (S2)', () => {
    const home = new Home().add({ lamp: { w: 4000 }, oven: { w: 4000 } }, 'unread');
    expect(home.reservedW()).toBe(8000);
    home.reads({ lamp: false, oven: false });
    expect(home.reservedW()).toBe(0);
  });

  it('is bounded', () => {
    const home = new Home();
    home.state.applianceCount = APPLIANCES_AT_MOST;
    const { reply } = home.decide({ kind: 'add_appliance', settings: settingsOf('new', { w: 1 }), who: ANNA });
    expect(answered(reply)).toBe('conflict');
  });
});

describe('changing an appliance', () => {
  /** A house of 5000 W, the lamp has 1000 W, and 3000 W more are on. */
  const ROWS: readonly [way: Way, wanted: Change, answer: string][] = [
    ['on', { name: 'desk lamp', priority: 90, isProtected: true, onPowerLoss: 'restore', room: 'study' }, 'done'],
    ['on', { name: 'lamp', ratedMw: 1_000_000 }, 'no change'],
    ['on', { relay: { bus: 'main', channel: 1 } }, 'no change'],
    // More watts of what is not confirmed off: where they fit.
    ['on', { ratedMw: 2_000_000 }, 'done'],
    ['on', { ratedMw: 2_000_001 }, 'capacity_exceeded'],
    ['turning on', { ratedMw: 2_000_001 }, 'capacity_exceeded'],
    ['turning off', { ratedMw: 2_000_001 }, 'capacity_exceeded'],
    // Fewer watts, another place: only when confirmed off (design.md 6).
    ['on', { ratedMw: 999_999 }, 'conflict'],
    ['turning off', { ratedMw: 999_999 }, 'conflict'],
    ['stuck on', { ratedMw: 999_999 }, 'conflict'],
    ['off, unreachable', { ratedMw: 999_999 }, 'conflict'],
    ['on', { relay: { bus: 'main', channel: 2 } }, 'conflict'],
    ['on', { relay: null }, 'conflict'],
    ['on', { circuit: 'kitchen' }, 'conflict'],
    ['off, unreachable', { relay: { bus: 'main', channel: 2 } }, 'conflict'],
    ['off', { ratedMw: 1 }, 'done'],
    ['off', { ratedMw: 9_000_000 }, 'done'],
    ['off', { circuit: 'kitchen' }, 'done'],
    ['off', { relay: { bus: 'main', channel: 2 } }, 'waits for a reading'],
    ['off', { relay: null }, 'done'],
    // Given up by an admin: its relay is forgotten already.
    ['retired', { relay: { bus: 'main', channel: 2 } }, 'waits for a reading'],
    ['retired', { ratedMw: 1 }, 'done'],
    ['off', { relay: { bus: 'main', channel: 9 } }, 'invalid_request'],
    ['off', { relay: { bus: 'attic', channel: 1 } }, 'conflict'],
    ['off', { circuit: 'cellar' }, 'invalid_request'],
  ];

  it.each(ROWS)('%s, %o: %s', (way, wanted, answer) => {
    const home = lampThatIs(way, { circuits: [{ id: 'kitchen', parent: null, limitMw: 3_600_000 }] });
    home.add({ oven: { w: 3000, channel: 'attic/1' } }).switchedOn('oven');
    expect(answered(change(home, wanted).reply)).toBe(answer);
  });

  it('a rebound appliance is unknown until its new relay was read', () => {
    const home = lampThatIs('off');
    change(home, { relay: { bus: 'attic', channel: 3 } });
    expect(home.view('lamp')).toMatchObject({ relay_state: 'unknown', reserved_w: 1000, simulated: true });
    expect(home.state.channels.get('main/1')).toBeUndefined();
    expect(home.state.channels.get('attic/3')).toBe('lamp');
    expect(events(home.reads({ lamp: false }))).toEqual(['observed lamp off']);
  });

  it('what its old relay still says is not heard', () => {
    const home = lampThatIs('off');
    const generation = home.generation('lamp');
    change(home, { relay: { bus: 'attic', channel: 3 } });
    const late = { kind: 'readings', bus: 'main', readings: [{ appliance: 'lamp', generation, isOn: false }] } as const;
    expect(events(home.decide(late))).toEqual([]);
    expect(home.reservedW()).toBe(1000);
  });

  it('more watts of what is on count at once', () => {
    const home = lampThatIs('on');
    change(home, { ratedMw: 1_500_000 });
    expect([home.reservedW(), home.view('lamp').relay_state]).toEqual([1500, 'on']);
  });

  it('a refusal for capacity is on record, with who asked and the figures (S8)', () => {
    const decision = change(lampThatIs('on'), { ratedMw: 5_000_001 });
    expect(decision.events).toMatchObject([{ who: { principal: 'anna' }, refusal: { figures: { exceededByMw: 1 } } }]);
  });

  it('of what is not there', () => {
    const { reply } = new Home().decide({ kind: 'change_appliance', appliance: 'lamp', change: {}, who: ANNA });
    expect(answered(reply)).toBe('not_found');
  });
});

describe('removing an appliance: only when confirmed off', () => {
  const ROWS: readonly [way: Way, answer: string][] = [
    ['off', 'done'],
    ['stuck off', 'done'],
    ['retired', 'done'],
    ['on', 'conflict'],
    ['turning on', 'conflict'],
    ['turning off', 'conflict'],
    ['stuck on', 'conflict'],
    ['never read', 'conflict'],
    ['off, unreachable', 'conflict'],
    ['off before a restart', 'conflict'],
  ];

  it.each(ROWS)('%s: %s', (way, answer) => {
    const home = lampThatIs(way);
    const { reply } = home.decide({ kind: 'remove_appliance', appliance: 'lamp', who: ANNA });
    expect(answered(reply)).toBe(answer);
    expect(home.state.appliances.get('lamp') === undefined).toBe(answer === 'done');
    expect(home.state.applianceCount).toBe(answer === 'done' ? 0 : 1);
  });

  it('frees its channel and its id', () => {
    const home = lampThatIs('off');
    home.decide({ kind: 'remove_appliance', appliance: 'lamp', who: ANNA });
    expect(home.add({ lamp: { w: 5, channel: 1 } }).view('lamp').wattage).toBe(5);
  });

  it('one of the same id that comes later hears nothing of what was said to the first', () => {
    const home = lampThatIs('off');
    const generation = home.generation('lamp');
    home.decide({ kind: 'remove_appliance', appliance: 'lamp', who: ANNA });
    home.add({ lamp: { w: 5, channel: 1 } }, 'unread');
    const late = { kind: 'readings', bus: 'main', readings: [{ appliance: 'lamp', generation, isOn: false }] } as const;
    expect(events(home.decide(late))).toEqual([]);
  });
});
