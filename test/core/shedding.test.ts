import { describe, expect, it } from 'vitest';
import { ANNA, events, Home, type Load } from './home.ts';
import { play } from './play.ts';

/** 5000 W; all of these are on and fit (4900 W), until the pump draws more than it says. */
const LOADS: Readonly<Record<string, Load>> = {
  pump: { w: 1000, priority: 100 },
  oven: { w: 2000, priority: 80 },
  dryer: { w: 1000, priority: 20 },
  lamp: { w: 400, priority: 20 },
  fan: { w: 500, priority: 10 },
};

function house(change: Readonly<Record<string, Partial<Load>>> = {}): Home {
  const loads = Object.entries(LOADS).map(([id, load]) => [id, { ...load, ...change[id] }]);
  return new Home().add(Object.fromEntries(loads)).switchedOn(...Object.keys(LOADS));
}

function shed(home: Home, pumpW: number): string[] {
  const texts = events(play(home, `pump measured ${pumpW}`));
  return texts.filter((text) => text.startsWith('ordered')).map((text) => text.split(' ')[1] ?? '');
}

describe('shedding: lowest priority first, then what came on last, and no more than needed', () => {
  /** The pump draws this much, these go. */
  const ROWS: readonly [pumpW: number, gone: readonly string[]][] = [
    [1100, []],
    [1100.001, ['fan']],
    [1600, ['fan']],
    // Of equal priority, the lamp came on last.
    [1601, ['fan', 'lamp']],
    [2001, ['fan', 'lamp', 'dryer']],
    // Its own overload: it goes last, for it is worth most.
    [3001, ['fan', 'lamp', 'dryer', 'oven']],
    [5001, ['fan', 'lamp', 'dryer', 'oven', 'pump']],
  ];

  it.each(ROWS)('pump at %f W: %j', (pumpW, gone) => {
    expect(shed(house(), pumpW)).toEqual(gone);
  });

  it.each([
    ['what is protected stays', { fan: { isProtected: true } }, ['lamp']],
    ['a declared load stays', { fan: { channel: null } }, ['lamp']],
  ] as const)('%s', (_, change, gone) => {
    expect(shed(house(change), 1500)).toEqual(gone);
  });

  it('where all is protected nothing goes', () => {
    const all = Object.fromEntries(Object.keys(LOADS).map((id) => [id, { isProtected: true }]));
    expect(shed(house(all), 3000)).toEqual([]);
  });

  it('records the figures of the circuit that was over', () => {
    const [, order] = play(house(), 'pump measured 1200').events;
    expect(order).toMatchObject({
      kind: 'ordered',
      cause: 'shed',
      who: null,
      figures: { circuit: 'house', limitMw: 5_000_000, reservedMw: 5_100_000, exceededByMw: 100_000 },
    });
  });
});

describe('one overload sheds once', () => {
  it('an OFF under way is not counted as known to be on', () => {
    const home = house();
    expect(shed(home, 1200)).toEqual(['fan']);
    expect(shed(home, 1200.5)).toEqual([]);
    expect(home.reservedW()).toBe(5100.5);
  });

  it('a victim that does not obey counts again, and the next one goes', () => {
    const home = house();
    shed(home, 1200);
    expect(events(play(home, 'fan fails on'))).toEqual(['failed fan off stuck_on', 'ordered lamp off shed']);
  });

  it('a victim that does not answer is unknown, and no reason to shed more (S2)', () => {
    const home = house();
    shed(home, 1200);
    expect(events(play(home, 'fan fails unknown'))).toEqual(['failed fan off unreachable']);
    expect(events(play(home, 'fan reads on'))).toEqual(['observed fan on', 'ordered lamp off shed']);
  });

  it('what turns on meanwhile is not shed before it is known to be on', () => {
    const home = new Home().add({ pump: { w: 1000 }, fan: { w: 500, priority: 0 } }).switchedOn('pump');
    play(home, 'fan on');
    expect(shed(home, 4600)).toEqual([]);
    expect(events(play(home, 'fan obeys'))).toEqual(['confirmed fan on ack', 'ordered fan off shed']);
  });
});

describe('circuits', () => {
  const KITCHEN = { circuits: [{ id: 'kitchen', parent: null, limitMw: 3_000_000 }] };

  it('an overload of a circuit takes only what hangs on it', () => {
    const home = new Home(KITCHEN).add({
      kettle: { w: 2000, circuit: 'kitchen', priority: 90 },
      toaster: { w: 800, circuit: 'kitchen', priority: 50 },
      lamp: { w: 100, priority: 0 },
    });
    home.switchedOn('kettle', 'toaster', 'lamp');
    expect(events(play(home, 'kettle measured 2400'))).toEqual(['peak kettle 2400', 'ordered toaster off shed']);
  });

  it('what one circuit sheds is gone from the house, too', () => {
    const home = new Home({ ...KITCHEN, limitMw: 3_200_000 }).add({
      kettle: { w: 2000, circuit: 'kitchen', priority: 90 },
      toaster: { w: 800, circuit: 'kitchen', priority: 50 },
      lamp: { w: 100, priority: 0 },
    });
    home.switchedOn('kettle', 'toaster', 'lamp');
    expect(events(play(home, 'kettle measured 2400'))).toEqual(['peak kettle 2400', 'ordered toaster off shed']);
  });
});

describe('being over a limit is shed, however it came (S1)', () => {
  it('a stuck relay takes the place of something else', () => {
    const home = new Home().add({ stuck: { w: 3000 }, lamp: { w: 2500, priority: 10 } }).switchedOn('stuck');
    play(home, 'stuck off; stuck obeys; lamp on; lamp obeys');
    expect(events(play(home, 'stuck reads on'))).toEqual(['observed stuck on stuck_on', 'ordered stuck off unasked']);
    expect(events(play(home, 'stuck fails on'))).toEqual(['failed stuck off stuck_on', 'ordered lamp off shed']);
  });

  it('what was protected can go as soon as it is not', () => {
    const home = new Home().add({ pump: { w: 4000, isProtected: true }, lamp: { w: 900, isProtected: true } });
    home.switchedOn('pump', 'lamp');
    expect(shed(home, 4500)).toEqual([]);
    const decision = home.decide({
      kind: 'change_appliance',
      appliance: 'lamp',
      change: { isProtected: false },
      who: ANNA,
    });
    expect(events(decision)).toContain('ordered lamp off shed');
  });
});
