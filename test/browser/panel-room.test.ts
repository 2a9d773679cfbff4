import { describe, expect, it } from 'vitest';
import { depthOf, missingWatts } from '../../dashboard/src/state/circuits.ts';
import { partsOf, wattsOf } from '../../dashboard/src/state/load-parts.ts';
import { makeRoom } from '../../dashboard/src/state/make-room.ts';
import { byRoom } from '../../dashboard/src/state/rooms.ts';
import { isSettled, isShownOn, nextWant } from '../../dashboard/src/state/toggle.ts';
import { appliance, circuit, load, on } from './panel-fixtures.ts';

const KITCHEN = [circuit('kitchen', 3600, 2600), circuit('oven', 3000, 2400, 'kitchen')];
const OVEN = appliance('oven', { wattage: 2400 });

describe('room for an appliance', () => {
  it.each([
    ['fits exactly', load(2600), 2400, 0],
    ['a thousandth too much', load(2600.001), 2400, 0.001],
    ['counts what is over the limit already', load(5200), 100, 300],
    ['sums in milliwatts', load(2500.5), 2499.6, 0.1],
  ])('%s', (_case, of, wattage, missingW) => {
    expect(missingWatts(of, appliance('x', { wattage }))).toBe(missingW);
  });

  it('looks at every circuit on the way up, the nearest first', () => {
    const of = load(2600, { circuits: KITCHEN });
    expect(missingWatts(of, appliance('x', { wattage: 700, circuit: 'oven' }))).toBe(100);
    expect(missingWatts(of, appliance('x', { wattage: 1100, circuit: 'kitchen' }))).toBe(100);
    expect(missingWatts(of, appliance('x', { wattage: 1100, circuit: 'gone' }))).toBe(0);
  });

  it('does not count what it is itself counted with', () => {
    expect(missingWatts(load(5000), on('x', 2400))).toBe(0);
  });

  it('survives a tree that bites its tail', () => {
    const loop = [circuit('a', 10, 0, 'b'), circuit('b', 10, 0, 'a')];
    expect(depthOf(load(0, { circuits: loop }), 'a')).toBe(2);
  });
});

describe('what could make room', () => {
  const refused = { appliance: 'oven', circuit: 'house', missingW: 600 };
  const offered = (...appliances: Parameters<typeof makeRoom>[1]) => makeRoom(load(0), appliances, refused);
  const ids = (room: ReturnType<typeof makeRoom>) => room?.appliances.map(({ id }) => id);

  it('offers each that is enough alone, least important first, at most three', () => {
    const room = offered(
      on('a', 600),
      on('b', 2000, { priority: 10 }),
      on('small', 599),
      on('c', 800),
      on('d', 900),
      OVEN,
    );
    expect(room?.kind).toBe('any');
    expect(ids(room)).toEqual(['b', 'a', 'c']);
  });

  it('offers the fewest together when none is enough alone', () => {
    const room = offered(on('a', 100), on('b', 400), on('c', 300), OVEN);
    expect(room?.kind).toBe('all');
    expect(ids(room)).toEqual(['b', 'c']);
  });

  it.each([
    ['protected', on('a', 900, { protected: true })],
    ['unknown', on('a', 900, { relay_state: 'unknown' })],
    ['on its way off', on('a', 900, { relay_state: 'turning_off' })],
    ['perhaps still counted when it is off', on('a', 900, { verified: false })],
    ['stuck on', on('a', 900, { fault: 'stuck_on' })],
    ['the refused one itself', on('oven', 900)],
    ['not enough', on('a', 500)],
  ])('offers nothing that is %s', (_case, only) => {
    expect(offered(only)).toBeNull();
  });

  it('looks only under the circuit that is too small', () => {
    const of = load(0, { circuits: KITCHEN });
    const all = [on('heater', 900), on('toaster', 900, { circuit: 'kitchen' }), on('grill', 900, { circuit: 'oven' })];
    expect(ids(makeRoom(of, all, { ...refused, circuit: 'kitchen' }))).toEqual(['toaster', 'grill']);
  });
});

describe('what the reserved watts are made of', () => {
  it('tells apart what is on, what is only counted, and what has no switch', () => {
    const held = appliance('fan', { verified: false, reserved_w: 800 });
    const parts = partsOf(load(2300.3), [held, on('tv', 150.1), on('pump', 850, { relay_state: 'unknown' }), OVEN]);
    expect(parts.map(({ kind }) => kind)).toEqual(['base', 'on', 'held', 'unknown']);
    expect(wattsOf(parts, 'held')).toBe(800);
    expect(wattsOf(parts, 'base')).toBe(500.2);
    expect(wattsOf(parts, 'unknown')).toBe(850);
  });

  it('has no base where the appliances are all', () => {
    expect(partsOf(load(0.3), [on('a', 0.1), on('b', 0.2)]).map(({ kind }) => kind)).toEqual(['on', 'on']);
  });
});

describe('a switch', () => {
  const ASKED_ON = { wantOn: true, askedAtSeq: 5 };

  it.each([
    ['off', null, true],
    ['on', null, false],
    ['unknown', null, false],
    ['turning_on', null, false],
    ['turning_off', null, false],
    ['off', ASKED_ON, false],
  ] as const)('pressed while %s, asked before: %o', (relayState, pending, wantOn) => {
    expect(nextWant(appliance('x', { relay_state: relayState }), pending)).toBe(wantOn);
  });

  it('is done when a later word of the hub says so, not by what was shown before', () => {
    const off = appliance('x');
    expect(isSettled(off, 5, { wantOn: false, askedAtSeq: 5 })).toBe(false);
    expect(isSettled(off, 6, { wantOn: false, askedAtSeq: 5 })).toBe(true);
    expect(isSettled(appliance('x', { relay_state: 'turning_on' }), 6, ASKED_ON)).toBe(false);
  });

  it.each([
    ['off', false],
    ['turning_on', false],
    ['on', true],
    ['turning_off', true],
    ['unknown', true],
  ] as const)('reads out %s as on: %s', (relayState, isOn) => {
    expect(isShownOn(appliance('x', { relay_state: relayState }))).toBe(isOn);
  });
});

describe('rooms', () => {
  it('stand in the order of the alphabet, the roomless last, whatever is on', () => {
    const groups = byRoom([
      appliance('plug'),
      on('tv', 150, { room: 'Living' }),
      appliance('oven', { room: 'Kitchen' }),
      on('fridge', 90, { room: 'Kitchen' }),
    ]);
    expect(groups.map(({ room, appliances }) => [room, ...appliances.map(({ id }) => id)])).toEqual([
      ['Kitchen', 'fridge', 'oven'],
      ['Living', 'tv'],
      [null, 'plug'],
    ]);
  });
});
