import { describe, expect, it } from 'vitest';
import { answered, events, Home } from './home.ts';
import { lampThatIs, play, type Way } from './play.ts';

/** design.md 5: what each state of the relay machine shows and counts. The lamp has 1000 W. */
const SHOWN: readonly [
  way: Way,
  isOn: boolean,
  relayState: string,
  fault: string | null,
  reservedW: number,
  powerW: number | null,
][] = [
  ['off', false, 'off', null, 0, 0],
  ['never read', false, 'unknown', null, 1000, null],
  ['turning on', true, 'turning_on', null, 1000, null],
  ['on', true, 'on', null, 1000, 1000],
  ['turning off', false, 'turning_off', null, 1000, 1000],
  ['off, unreachable', false, 'unknown', 'unreachable', 1000, null],
  ['on, unreachable', true, 'unknown', 'unreachable', 1000, null],
  ['stuck on', false, 'on', 'stuck_on', 1000, 1000],
  ['OFF failed, unreachable', false, 'unknown', 'unreachable', 1000, null],
  ['ON failed, OFF under way', false, 'turning_off', 'stuck_off', 1000, null],
  ['stuck off', false, 'off', 'stuck_off', 0, 0],
  ['retired', false, 'unknown', 'unreachable', 0, null],
  ['on before a restart', true, 'unknown', null, 1000, null],
  ['off before a restart', false, 'unknown', null, 1000, null],
  ['turning on before a restart', true, 'unknown', null, 1000, null],
  ['turning off before a restart', false, 'turning_off', null, 1000, null],
];

describe('each state shows what it is, and counts until it is confirmed off (S2)', () => {
  it.each(SHOWN)('%s', (way, is_on, relay_state, fault, reserved_w, power_w) => {
    const home = lampThatIs(way);
    expect(home.view('lamp')).toMatchObject({ is_on, relay_state, fault, reserved_w, power_w });
    expect(home.reservedW()).toBe(reserved_w);
  });
});

type Row = readonly [way: Way, events: readonly string[], answer: string];

const ORDERED_ON = ['ordered lamp on request'];
const ORDERED_OFF = ['ordered lamp off request'];

const ON: readonly Row[] = [
  ['off', ORDERED_ON, 'awaits the relay'],
  ['on', ['unchanged lamp on'], 'no change'],
  ['turning on', ['unchanged lamp on joins'], 'joins'],
  // The OFF's confirmation comes first, then the ON is decided (design.md 6).
  ['turning off', [], 'waits to be decided'],
  ['ON failed, OFF under way', [], 'waits to be decided'],
  // Nobody has read it since it was declared, or since the start: its first reading decides.
  ['never read', [], 'waits to be decided'],
  ['on before a restart', [], 'waits to be decided'],
  ['off before a restart', [], 'waits to be decided'],
  ['turning off before a restart', [], 'waits to be decided'],
  // Nobody carries this order out any more, but the next reading ends it one way or the other.
  ['turning on before a restart', ['unchanged lamp on joins'], 'joins'],
  ['off, unreachable', ['refused lamp relay_unreachable'], 'relay_unreachable'],
  ['on, unreachable', ['refused lamp relay_unreachable'], 'relay_unreachable'],
  ['OFF failed, unreachable', ['refused lamp relay_unreachable'], 'relay_unreachable'],
  ['retired', ['refused lamp relay_unreachable'], 'relay_unreachable'],
  // It reads on and its OFF is given up for now: an ON ends the quarrel, where it fits.
  ['stuck on', ORDERED_ON, 'awaits the relay'],
  ['stuck off', ORDERED_ON, 'awaits the relay'],
];

const OFF: readonly Row[] = [
  ['off', ['unchanged lamp off'], 'no change'],
  ['stuck off', ['unchanged lamp off'], 'no change'],
  ['on', ORDERED_OFF, 'awaits the relay'],
  ['turning on', ORDERED_OFF, 'awaits the relay'],
  ['turning off', ['unchanged lamp off joins'], 'joins'],
  ['ON failed, OFF under way', ['unchanged lamp off joins'], 'joins'],
  ['turning off before a restart', ['unchanged lamp off joins'], 'joins'],
  // Ordered off already, but nobody has seen it off.
  ['never read', ORDERED_OFF, 'awaits the relay'],
  ['off before a restart', ORDERED_OFF, 'awaits the relay'],
  ['off, unreachable', ORDERED_OFF, 'awaits the relay'],
  ['on, unreachable', ORDERED_OFF, 'awaits the relay'],
  ['on before a restart', ORDERED_OFF, 'awaits the relay'],
  ['turning on before a restart', ORDERED_OFF, 'awaits the relay'],
  // The attempts of the OFF are used up: this caller gets its own.
  ['stuck on', ORDERED_OFF, 'awaits the relay'],
  ['OFF failed, unreachable', ORDERED_OFF, 'awaits the relay'],
  ['retired', ['unchanged lamp off joins'], 'joins'],
];

/** TOGGLE: confirmed off -> ON; anything else -> OFF. */
const FLIP: readonly Row[] = [
  ['off', ORDERED_ON, 'awaits the relay'],
  ['stuck off', ORDERED_ON, 'awaits the relay'],
  ...OFF.slice(2),
];

describe.each([
  ['on', ON],
  ['off', OFF],
  ['flip', FLIP],
] as const)('asked %s', (want, rows) => {
  it.each(rows)('while %s', (way, expected, answer) => {
    const decision = play(lampThatIs(way), `lamp ${want}`);
    expect(events(decision)).toEqual(expected);
    expect(answered(decision.reply)).toBe(answer);
  });

  it('has a row for every state', () => {
    expect(rows.map(([way]) => way).sort()).toEqual(SHOWN.map(([way]) => way).sort());
  });
});

describe('every decision carries who asked, and refusals the figures (S8)', () => {
  it('a grant', () => {
    const [event] = play(lampThatIs('off'), 'lamp on').events;
    expect(event).toMatchObject({ who: { principal: 'anna' }, reservedMw: 1_000_000, limitMw: 5_000_000 });
  });

  it('a refusal', () => {
    const home = lampThatIs('off')
      .add({ oven: { w: 4500, channel: 2 } })
      .switchedOn('oven');
    const [event] = play(home, 'lamp on').events;
    const figures = {
      circuit: 'house',
      limitMw: 5_000_000,
      reservedMw: 4_500_000,
      requestedMw: 1_000_000,
      exceededByMw: 500_000,
    };
    expect(event).toMatchObject({
      kind: 'refused',
      who: { name: 'Anna' },
      refusal: { code: 'capacity_exceeded', figures },
    });
  });
});

describe('a declared load without hardware is confirmed at once', () => {
  it.each([
    ['lamp on', ['ordered lamp on request, settled'], 'done'],
    ['lamp off', ['unchanged lamp off'], 'no change'],
    ['lamp flip', ['ordered lamp on request, settled'], 'done'],
    ['lamp on; lamp on', ['unchanged lamp on'], 'no change'],
    ['lamp on; lamp flip', ['ordered lamp off request, settled'], 'done'],
    // It keeps its state over a restart: nobody can read it.
    ['lamp on; restart; lamp on', ['unchanged lamp on'], 'no change'],
  ])('%s', (steps, expected, answer) => {
    const decision = play(new Home().add({ lamp: { w: 1000, channel: null } }), steps);
    expect([events(decision), answered(decision.reply)]).toEqual([expected, answer]);
  });
});
