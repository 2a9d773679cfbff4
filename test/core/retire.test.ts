import { describe, expect, it } from 'vitest';
import { ANNA, answered, events, Home } from './home.ts';
import { lampThatIs, play, type Way } from './play.ts';

describe('retiring a relay: a board that is gone for ever', () => {
  const ROWS: readonly [way: Way, answer: string][] = [
    ['off, unreachable', 'done'],
    ['on, unreachable', 'done'],
    ['OFF failed, unreachable', 'done'],
    ['never read', 'done'],
    ['on before a restart', 'done'],
    ['retired', 'done'],
    // It answers: switch it off instead.
    ['on', 'conflict'],
    ['off', 'conflict'],
    ['turning on', 'conflict'],
    ['stuck on', 'conflict'],
  ];

  it.each(ROWS)('%s: %s', (way, answer) => {
    const home = lampThatIs(way);
    const decision = play(home, 'lamp retire');
    expect(answered(decision.reply)).toBe(answer);
    expect(home.view('lamp').retired).toBe(answer === 'done' ? 'unplugged' : null);
    if (answer === 'done') expect(home.reservedW()).toBe(0);
  });

  it('is in the audit trail, with who and why', () => {
    const decision = play(lampThatIs('on, unreachable'), 'lamp retire');
    expect(events(decision)).toEqual(['ordered lamp off retired', 'retired lamp']);
    for (const event of decision.events) expect(event.who).toEqual(ANNA);
  });

  it('a declared load has no relay to retire', () => {
    const home = new Home().add({ lamp: { w: 1000, channel: null } });
    expect(answered(play(home, 'lamp retire').reply)).toBe('conflict');
  });

  it.each([
    ['at once', 'lamp retire; lamp on'],
    ['after a restart, too', 'lamp retire; restart; lamp on'],
  ])('refuses an ON %s: nobody waits for a board that is gone', (_, steps) => {
    expect(answered(play(lampThatIs('never read'), steps).reply)).toBe('relay_unreachable');
  });

  /** Until the board answers again, in whatever way. */
  it.each([
    ['lamp reads on', ['observed lamp on'], 1000, 'turning_off'],
    ['lamp reads off', ['confirmed lamp off read'], 0, 'off'],
    ['lamp obeys', ['confirmed lamp off ack'], 0, 'off'],
  ])('ends: %s', (steps, expected, reservedW, relayState) => {
    const home = lampThatIs('retired');
    expect(events(play(home, steps))).toEqual(expected);
    expect([home.reservedW(), home.view('lamp').relay_state, home.view('lamp').retired]).toEqual([
      reservedW,
      relayState,
      null,
    ]);
  });

  it('does not end because the board is lost again, its OFF fails, or the hub restarts', () => {
    const home = lampThatIs('retired');
    play(home, 'main lost; lamp fails unknown; restart; main lost');
    expect([home.view('lamp').retired, home.reservedW()]).toEqual(['unplugged', 0]);
  });

  /** A board that cannot be read back: that it was told OFF again is no answer of its relay. */
  it.each(['assumed', 'unproven'] as const)('does not end because it is %s off', (evidence) => {
    const held = lampThatIs('turning off');
    held.obeys('lamp', 'unproven');
    play(held, 'lamp retire; restart');
    held.assumes('lamp', evidence);
    const lost = lampThatIs('on, unreachable');
    play(lost, 'lamp retire');
    lost.assumes('lamp', evidence);
    for (const home of [held, lost]) expect([home.view('lamp').retired, home.reservedW()]).toEqual(['unplugged', 0]);
  });

  it('what it counts again may be too much: others go (S1)', () => {
    const home = lampThatIs('on, unreachable').add({ oven: { w: 4500, channel: 'attic/1' } });
    play(home, 'lamp retire; oven on; oven obeys');
    expect(events(play(home, 'lamp reads on'))).toEqual(['observed lamp on']);
    expect(events(play(home, 'lamp fails on'))).toEqual(['failed lamp off stuck_on', 'ordered oven off shed']);
  });
});

describe('withdrawing an ON whose commit came too late', () => {
  it.each([
    ['turning on', ['withdrawn lamp', 'ordered lamp off withdrawn']],
    // Read on meanwhile: somebody's hand, and a fact.
    ['on', []],
    ['off', []],
    ['turning off', []],
  ] as const)('%s', (way, expected) => {
    expect(events(play(lampThatIs(way), 'lamp withdraw'))).toEqual(expected);
  });

  it('a declared load was on for a moment, and is off again', () => {
    const home = new Home().add({ lamp: { w: 1000, channel: null } });
    home.toggle('lamp', 'on');
    expect(events(play(home, 'lamp withdraw'))).toEqual(['withdrawn lamp', 'ordered lamp off withdrawn, settled']);
    expect(home.reservedW()).toBe(0);
  });
});
