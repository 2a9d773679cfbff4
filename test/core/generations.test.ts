import { describe, expect, it } from 'vitest';
import type { Input } from '../../daemon/core/inputs.ts';
import { events, Home } from './home.ts';
import { lampThatIs, play, type Way } from './play.ts';

describe('what started under an older order confirms nothing', () => {
  const STALE: readonly [way: Way, next: string][] = [
    ['on', 'lamp off'],
    ['turning on', 'lamp off'],
    ['off', 'lamp on'],
    ['stuck on', 'lamp off'],
  ];
  /** Everything that a relay can say of an appliance, under a generation. */
  function words(appliance: string, generation: number): Input[] {
    const about = { appliance, generation };
    return [
      { kind: 'relay_confirmed', ...about, isOn: true, evidence: 'read' },
      { kind: 'relay_confirmed', ...about, isOn: false, evidence: 'read' },
      { kind: 'relay_failed', ...about, reading: 'on' },
      { kind: 'relay_failed', ...about, reading: 'unknown' },
      { kind: 'readings', bus: 'main', readings: [{ ...about, isOn: true }] },
      { kind: 'readings', bus: 'main', readings: [{ ...about, isOn: false }] },
      { kind: 'withdraw', ...about },
    ];
  }

  it.each(STALE)('%s, then %s', (way, next) => {
    const home = lampThatIs(way);
    const generation = home.generation('lamp');
    play(home, next);
    const before = home.appliance('lamp');
    for (const word of words('lamp', generation)) expect(events(home.decide(word))).toEqual([]);
    expect(home.appliance('lamp')).toBe(before);
  });

  it('nor does the answer to an order of the other kind', () => {
    const home = lampThatIs('turning off');
    const generation = home.generation('lamp');
    expect(
      events(home.decide({ kind: 'relay_confirmed', appliance: 'lamp', generation, isOn: true, evidence: 'ack' })),
    ).toEqual([]);
  });

  it('nor does a word about an appliance that is gone', () => {
    const home = lampThatIs('off');
    for (const word of words('ghost', 1)) expect(events(home.decide(word))).toEqual([]);
  });
});

describe('an order takes the place of the one under way', () => {
  it('OFF while turning on supersedes: its callers are told so', () => {
    const home = lampThatIs('turning on');
    const generation = home.generation('lamp');
    const [event] = play(home, 'lamp off').events;
    expect(event).toMatchObject({ kind: 'ordered', isOn: false, replaces: { generation, isOn: true } });
  });

  it('OFF after a failed OFF takes its callers over', () => {
    const home = lampThatIs('stuck on');
    const generation = home.generation('lamp');
    const [event] = play(home, 'lamp off').events;
    expect(event).toMatchObject({ kind: 'ordered', isOn: false, replaces: { generation, isOn: false } });
  });

  it('every order has a generation of its own, grown from the one before', () => {
    const home = lampThatIs('off');
    const generations = ['lamp on', 'lamp off', 'lamp obeys; lamp on', 'lamp off'].map((steps) => {
      play(home, steps);
      return home.generation('lamp');
    });
    expect(generations).toEqual([...new Set(generations)].sort((x, y) => x - y));
  });
});

describe('a swap breaks before it makes (S6)', () => {
  it('the watts are free when the OFF is confirmed, not when it is sent', () => {
    const home = new Home().add({ oven: { w: 3000 }, dryer: { w: 3000 } }).switchedOn('oven');
    play(home, 'oven off');
    expect(events(play(home, 'dryer on'))).toEqual(['refused dryer capacity_exceeded']);
    play(home, 'oven obeys');
    expect(events(play(home, 'dryer on'))).toEqual(['ordered dryer on request']);
  });

  it('a failed OFF frees nothing', () => {
    const home = new Home().add({ oven: { w: 3000 }, dryer: { w: 3000 } }).switchedOn('oven');
    expect(events(play(home, 'oven off; oven fails unknown; dryer on'))).toEqual(['refused dryer capacity_exceeded']);
  });

  it('a failed ON frees nothing before its OFF is confirmed', () => {
    const home = new Home().add({ oven: { w: 3000 }, dryer: { w: 3000 } });
    expect(events(play(home, 'oven on; oven fails unknown; dryer on'))).toEqual(['refused dryer capacity_exceeded']);
    expect(events(play(home, 'oven obeys; dryer on'))).toEqual(['ordered dryer on request']);
  });
});
