import { describe, expect, it } from 'vitest';
import { showDecision } from '../../daemon/core/audit.ts';
import type { Decision } from '../../daemon/core/decision.ts';
import { readSnapshot, writeSnapshot } from '../../daemon/core/snapshot.ts';
import { answered, events, Home } from './home.ts';
import { play } from './play.ts';

const TREE = {
  metered: ['house', 'kitchen', 'oven', 'bath'],
  circuits: [
    { id: 'kitchen', parent: null, limitMw: 3_600_000 },
    { id: 'oven', parent: 'kitchen', limitMw: 3_000_000 },
    { id: 'bath', parent: null, limitMw: 2_000_000 },
  ],
};

function measures(home: Home, circuit: string, watts: number): Decision {
  return home.decide({ kind: 'background', circuit, powerMw: watts * 1000 });
}

function isOver(home: Home, circuit: string, watts: number): string[] {
  return events(home.decide({ kind: 'overload', circuit, powerMw: watts * 1000 }));
}

describe('the background of a circuit counts beside its appliances', () => {
  /** What the meters measured, and what each circuit then counts with a lamp of 100 W on in the oven's circuit. */
  const ROWS: readonly [what: Readonly<Record<string, number>>, counts: readonly [string, number][]][] = [
    [
      { house: 700 },
      [
        ['house', 800],
        ['kitchen', 100],
      ],
    ],
    // The base load of 100 W is more than the meter saw.
    [
      { oven: 50 },
      [
        ['house', 200],
        ['kitchen', 150],
        ['oven', 150],
        ['bath', 0],
      ],
    ],
    // A meter above sees what the meters below see: whichever is more.
    [
      { oven: 300, kitchen: 200, house: 250 },
      [
        ['house', 400],
        ['kitchen', 400],
        ['oven', 400],
      ],
    ],
    [
      { oven: 300, kitchen: 500, bath: 200, house: 600 },
      [
        ['house', 800],
        ['kitchen', 600],
        ['bath', 200],
      ],
    ],
    [
      { oven: 300, bath: 200, house: 600 },
      [
        ['house', 700],
        ['kitchen', 400],
      ],
    ],
  ];

  it.each(ROWS)('%j', (what, counts) => {
    const home = new Home({ ...TREE, baseLoadMw: 100_000 }).add({ lamp: { w: 100, circuit: 'oven' } });
    home.switchedOn('lamp');
    for (const [circuit, watts] of Object.entries(what)) measures(home, circuit, watts);
    expect(counts.map(([id]) => [id, home.reservedW(id)])).toEqual(counts);
  });

  it('never less than the base load, and falls when the meter says so', () => {
    const home = new Home({ ...TREE, baseLoadMw: 400_000 });
    measures(home, 'house', 900);
    expect(home.reservedW()).toBe(900);
    expect(events(measures(home, 'house', 50))).toEqual(['background house 50']);
    expect(home.reservedW()).toBe(400);
  });

  it('leaves that much less for relays', () => {
    const home = new Home(TREE).add({ oven: { w: 4000 } });
    measures(home, 'bath', 1010);
    expect(answered(home.toggle('oven', 'on').reply)).toBe('capacity_exceeded');
    measures(home, 'bath', 1000);
    expect(answered(home.toggle('oven', 'on').reply)).toBe('awaits the relay');
  });

  it('is an event only when it changed, and only of a circuit that has a meter', () => {
    const home = new Home({ ...TREE, metered: ['bath'] });
    expect(events(measures(home, 'bath', 100))).toEqual(['background bath 100']);
    expect(events(measures(home, 'bath', 100))).toEqual([]);
    expect(events(measures(home, 'house', 100))).toEqual([]);
    expect(events(measures(home, 'cellar', 100))).toEqual([]);
  });

  it('is on the audit trail', () => {
    const [event] = measures(new Home(TREE), 'bath', 120).events;
    expect(event && showDecision(event)).toMatchObject({
      outcome: 'recorded',
      circuit: 'bath',
      reason: 'circuit bath: 120 W measured beside its appliances',
      reserved_w: 120,
    });
  });
});

describe('sums stay exact whatever a meter says (S4)', () => {
  it('of two circuits that were measured near the last exact integer nothing is left', () => {
    const home = new Home(TREE).add({ lamp: { w: 0.003 } }).switchedOn('lamp');
    for (const id of ['oven', 'bath'])
      home.decide({ kind: 'background', circuit: id, powerMw: Number.MAX_SAFE_INTEGER });
    for (const id of ['oven', 'bath']) measures(home, id, 0);
    expect(home.state.circuits.get('house')).toMatchObject({ reservedMw: 3, childrenMw: 0, unmanagedMw: 0 });
  });
});

describe('what is measured is shed (S1)', () => {
  const loads = {
    fridge: { w: 150, isProtected: true },
    oven: { w: 3000, priority: 80 },
    lamp: { w: 500, priority: 10 },
  };
  const on = () => new Home(TREE).add(loads).switchedOn('fridge', 'oven', 'lamp');

  it('a background that does not fit beside what is on', () => {
    const home = on();
    expect(events(measures(home, 'house', 1350))).toEqual(['background house 1350']);
    expect(events(measures(home, 'house', 1360))).toEqual(['background house 1360', 'ordered lamp off shed']);
    expect(events(measures(home, 'house', 1900))).toEqual(['background house 1900', 'ordered oven off shed']);
  });

  it('in the circuit that is over, by what hangs on it', () => {
    const home = new Home(TREE).add({
      heater: { w: 1500, circuit: 'bath', priority: 90 },
      lamp: { w: 100, priority: 0 },
    });
    home.switchedOn('heater', 'lamp');
    expect(events(measures(home, 'bath', 510))).toEqual(['background bath 510', 'ordered heater off shed']);
  });
});

describe('over its limit though nothing known is (a relay that nobody can read)', () => {
  const on = () =>
    new Home(TREE)
      .add({ oven: { w: 3000, priority: 80 }, lamp: { w: 500, priority: 10 }, fan: { w: 100, priority: 5 } })
      .switchedOn('oven', 'lamp', 'fan');

  it.each([
    [5000, []],
    [5050, ['ordered fan off shed']],
    [5101, ['ordered fan off shed', 'ordered lamp off shed']],
  ] as const)('%d W measured', (watts, gone) => {
    expect(isOver(on(), 'house', watts)).toEqual(gone);
  });

  it('sheds once: an OFF under way takes its watts with it', () => {
    const home = on();
    isOver(home, 'house', 5050);
    expect(isOver(home, 'house', 5100)).toEqual([]);
    expect(isOver(home, 'house', 5150)).toEqual(['ordered lamp off shed']);
  });

  it('and again when that OFF did not help', () => {
    const home = on();
    isOver(home, 'house', 5050);
    play(home, 'fan fails on');
    expect(isOver(home, 'house', 5050)).toEqual(['ordered lamp off shed']);
  });

  it('of a circuit that is not there does nothing', () => {
    expect(isOver(on(), 'cellar', 9000)).toEqual([]);
  });
});

describe('over a restart', () => {
  const measured = () => {
    const home = new Home(TREE);
    measures(home, 'kitchen', 800);
    measures(home, 'bath', 300);
    return home;
  };

  it('a peak stands: the meter will say when it is less', () => {
    const home = measured();
    home.restart();
    expect([home.reservedW(), home.reservedW('kitchen'), home.reservedW('bath')]).toEqual([1100, 800, 300]);
  });

  it('is dropped where the meter left the configuration, with its circuit or without', () => {
    const home = measured();
    home.restart({ metered: ['house', 'bath'] });
    expect([home.reservedW(), home.reservedW('kitchen'), home.reservedW('bath')]).toEqual([300, 0, 300]);
    home.restart({ circuits: [] });
    expect(home.reservedW()).toBe(0);
  });

  it('comes back out of a snapshot', () => {
    const { state } = measured();
    expect(readSnapshot(writeSnapshot(state))?.circuits.get('house')).toEqual(state.circuits.get('house'));
  });
});
