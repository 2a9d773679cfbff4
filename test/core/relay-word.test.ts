import { describe, expect, it } from 'vitest';
import { events } from './home.ts';
import { lampThatIs, play, type Way } from './play.ts';

type Row = readonly [
  way: Way,
  steps: string,
  events: readonly string[],
  then: { readonly relay_state: string; readonly reserved_w: number; readonly fault?: string },
];

const OFF = { relay_state: 'off', reserved_w: 0 };
const ON = { relay_state: 'on', reserved_w: 1000 };
const UNKNOWN = { relay_state: 'unknown', reserved_w: 1000 };
const TURNING_OFF = { relay_state: 'turning_off', reserved_w: 1000 };

/** What the relay answers to the order under way. */
const ORDERS: readonly Row[] = [
  ['turning on', 'lamp obeys', ['confirmed lamp on ack'], ON],
  ['turning on', 'lamp obeys by reading', ['confirmed lamp on read'], ON],
  ['turning off', 'lamp obeys', ['confirmed lamp off ack'], OFF],
  // An ON that is not confirmed becomes an OFF order, and stays counted until that is confirmed.
  ['turning on', 'lamp fails off', ['failed lamp on stuck_off', 'ordered lamp off on_failed'], TURNING_OFF],
  ['turning on', 'lamp fails unknown', ['failed lamp on unreachable', 'ordered lamp off on_failed'], TURNING_OFF],
  ['turning on', 'lamp fails unknown; lamp obeys', ['confirmed lamp off ack'], OFF],
  ['turning on', 'lamp fails unknown; lamp fails unknown', ['failed lamp off unreachable'], UNKNOWN],
  // An OFF stays ordered whatever comes.
  ['turning off', 'lamp fails on', ['failed lamp off stuck_on'], ON],
  ['turning off', 'lamp fails unknown', ['failed lamp off unreachable'], UNKNOWN],
  // It is repeated, and says the same each time: once is enough for the audit trail.
  ['stuck on', 'lamp fails on', [], ON],
  ['OFF failed, unreachable', 'lamp fails unknown', [], UNKNOWN],
  ['OFF failed, unreachable', 'lamp fails on', ['failed lamp off stuck_on'], ON],
  ['OFF failed, unreachable', 'lamp obeys', ['confirmed lamp off ack'], OFF],
  // A board that acknowledged an OFF and still read on is believed only when it reads off.
  ['stuck on', 'lamp obeys', [], ON],
  ['stuck on', 'lamp obeys by reading', ['confirmed lamp off read'], OFF],
  // Settled already: a second word changes nothing.
  ['on', 'lamp obeys', [], ON],
  ['on', 'lamp fails unknown', [], ON],
  ['off', 'lamp obeys', [], OFF],
];

/** What a poll says, with an order under way or without. */
const POLLS: readonly Row[] = [
  ['off', 'lamp reads off', [], OFF],
  ['on', 'lamp reads on', [], ON],
  ['turning on', 'lamp reads on', ['confirmed lamp on read'], ON],
  // It may be about to leave: says nothing yet.
  ['turning on', 'lamp reads off', [], { relay_state: 'turning_on', reserved_w: 1000 }],
  ['turning off', 'lamp reads off', ['confirmed lamp off read'], OFF],
  ['turning off', 'lamp reads on', [], TURNING_OFF],
  ['never read', 'lamp reads off', ['observed lamp off'], OFF],
  ['off, unreachable', 'lamp reads off', ['observed lamp off'], OFF],
  ['on, unreachable', 'lamp reads on', ['observed lamp on'], ON],
  // Somebody switched it off by hand, or its board lost power: it stays off.
  ['on', 'lamp reads off', ['ordered lamp off read_off, settled'], OFF],
  ['on, unreachable', 'lamp reads off', ['ordered lamp off read_off, settled'], OFF],
  // The OFF under way is repeated until it reads off; the board is heard again meanwhile.
  ['OFF failed, unreachable', 'lamp reads on', ['observed lamp on'], ON],
  ['OFF failed, unreachable', 'lamp reads off', ['confirmed lamp off read'], OFF],
  ['stuck on', 'lamp reads on', [], ON],
  ['stuck on', 'lamp reads off', ['confirmed lamp off read'], OFF],
  ['stuck off', 'lamp reads off', ['observed lamp off stuck_off'], { ...OFF, fault: 'stuck_off' }],
  // S9: an ON that nobody granted is a fact; taken over where it fits.
  ['off', 'lamp reads on', ['observed lamp on', 'ordered lamp on adopted, settled'], ON],
  ['never read', 'lamp reads on', ['observed lamp on', 'ordered lamp on adopted, settled'], ON],
];

/** A restart forgets what was seen, never what was ordered; each reading then finds its place (S2, S11). */
const RESTARTS: readonly Row[] = [
  ['on before a restart', 'lamp reads on', ['observed lamp on'], ON],
  ['on before a restart', 'lamp reads off', ['ordered lamp off read_off, settled'], OFF],
  ['off before a restart', 'lamp reads off', ['observed lamp off'], OFF],
  ['off before a restart', 'lamp reads on', ['observed lamp on', 'ordered lamp on adopted, settled'], ON],
  ['turning on before a restart', 'lamp reads on', ['confirmed lamp on read'], ON],
  // Nobody carries it out any more: it is given up, not sent late.
  [
    'turning on before a restart',
    'lamp reads off',
    ['failed lamp on unreachable', 'ordered lamp off read_off, settled'],
    OFF,
  ],
  ['turning off before a restart', 'lamp reads off', ['confirmed lamp off read'], OFF],
  ['turning off before a restart', 'lamp reads on', ['observed lamp on'], TURNING_OFF],
  ['on before a restart', 'main lost', ['observed lamp unknown unreachable'], UNKNOWN],
];

describe.each([
  ['the relay answers an order', ORDERS],
  ['a poll', POLLS],
  ['the first word after a restart', RESTARTS],
] as const)('%s', (_, rows) => {
  it.each(rows)('%s: %s', (way, steps, expected, then) => {
    const home = lampThatIs(way);
    expect(events(play(home, steps))).toEqual(expected);
    expect(home.view('lamp')).toMatchObject(then);
    expect(home.reservedW()).toBe(then.reserved_w);
  });
});
