import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isReleased } from '../../daemon/core/capacity.ts';
import type { Event } from '../../daemon/core/events.ts';
import type { Appliance } from '../../daemon/core/model.ts';
import type { Home } from './home.ts';
import { life, live } from './random-life.ts';

const RUNS = Number(process.env.VOLTSAFE_FUZZ ?? 200);

/** The rule of design.md 5 once more, with big integers and from nothing but the appliance. */
function countsMw(a: Appliance): bigint {
  const isConfirmedOff = !a.order.isOn && a.order.isSettled && a.observed === 'off' && !a.drawsWhileOff;
  if ((isConfirmedOff && a.evidence !== 'unproven') || a.retired !== null) return 0n;
  return a.peakMw > a.ratedMw ? BigInt(a.peakMw) : BigInt(a.ratedMw);
}

/** What no relay switches, from the leaves up: a meter's own word, or that of the circuits below it. */
function unmanagedMw(home: Home, id: string): bigint {
  const { household, circuits } = home.state;
  const below = household.circuits.filter((c) => (c.parent ?? 'house') === id);
  const sum = below.reduce((total, c) => total + unmanagedMw(home, c.id), 0n);
  const base = id === 'house' ? household.baseLoadMw : 0;
  const own = BigInt(Math.max(base, circuits.get(id)?.backgroundMw ?? 0));
  return own > sum ? own : sum;
}

/** Its circuit and those above, read off the configuration; one that left it counts in the house alone. */
function circuitsAbove(home: Home, id: string): string[] {
  const circuit = home.state.household.circuits.find((c) => c.id === id);
  return circuit === undefined ? ['house'] : [id, ...circuitsAbove(home, circuit.parent ?? 'house')];
}

function sums(home: Home, counts: (a: Appliance) => bigint = countsMw): Map<string, bigint> {
  const { household, appliances } = home.state;
  const ids = ['house', ...household.circuits.map(({ id }) => id)];
  const totals = new Map<string, bigint>(ids.map((id) => [id, unmanagedMw(home, id)]));
  for (const a of appliances.values()) {
    for (const id of circuitsAbove(home, a.circuit)) totals.set(id, (totals.get(id) ?? 0n) + counts(a));
  }
  return totals;
}

function heldMw(a: Appliance): bigint {
  const isOff = !a.order.isOn && a.order.isSettled && a.observed === 'off' && !a.drawsWhileOff;
  return isOff ? countsMw(a) : 0n;
}

function limitMw(home: Home, circuit: string): bigint {
  const { household } = home.state;
  return BigInt(household.circuits.find(({ id }) => id === circuit)?.limitMw ?? household.limitMw);
}

/** What `a` would make of its circuits if it counted with its whole draw. */
function wouldPass(home: Home, a: Appliance): boolean {
  const totals = sums(home);
  const draw = BigInt(Math.max(a.ratedMw, a.peakMw));
  return circuitsAbove(home, a.circuit).some((id) => (totals.get(id) ?? 0n) - countsMw(a) + draw > limitMw(home, id));
}

describe('sums are exact under random lives, against a big-integer model (S4)', () => {
  it('every circuit counts what its appliances count, after every event', () => {
    fc.assert(
      fc.property(life, (acts) => {
        live(acts, (home) => {
          for (const [id, sum] of sums(home))
            expect(BigInt(home.state.circuits.get(id)?.reservedMw ?? -1), id).toBe(sum);
          for (const [id, sum] of sums(home, heldMw))
            expect(BigInt(home.state.circuits.get(id)?.heldMw ?? -1), id).toBe(sum - unmanagedMw(home, id));
          expect(home.state.applianceCount).toBe([...home.state.appliances.values()].length);
        });
      }),
      { numRuns: RUNS },
    );
  });

  it('no ON is granted that takes a circuit over its limit, and none is refused that fits (S1)', () => {
    const seen = { granted: 0, refused: 0 };
    fc.assert(
      fc.property(life, (acts) => {
        let known = 0;
        live(acts, (home) => {
          const news = home.history.slice(known);
          known = home.history.length;
          checkGrants(home, news, seen);
        });
      }),
      { numRuns: RUNS },
    );
    expect(seen.granted).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });
});

describe('while what is known to be on is over a limit, everything that may go is going (S1)', () => {
  it('in every random life', () => {
    let shed = 0;
    fc.assert(
      fc.property(life, (acts) => {
        const { history } = live(acts, (home) => {
          for (const [id, known] of sums(home, knownMw)) {
            if (known > limitMw(home, id)) expect(spare(home, id), id).toEqual([]);
          }
        });
        shed += history.filter((event) => event.kind === 'ordered' && event.cause === 'shed').length;
      }),
      { numRuns: RUNS },
    );
    expect(shed).toBeGreaterThan(0);
  });

  function knownMw(a: Appliance): bigint {
    const isGoing = !a.order.isOn && !a.order.isSettled && !a.order.hasFailed;
    const isOn = a.drawsWhileOff || (a.observed === 'on' && !isGoing);
    return isOn && a.retired === null ? BigInt(Math.max(a.ratedMw, a.peakMw)) : 0n;
  }

  /** What could be shed and is not; all of these lives are without protection. */
  function spare(home: Home, circuit: string): string[] {
    const all = [...home.state.appliances.values()].filter((a) => circuitsAbove(home, a.circuit).includes(circuit));
    return all.filter((a) => a.relay !== null && a.order.isOn && a.observed === 'on').map(({ id }) => id);
  }
});

function checkGrants(home: Home, news: readonly Event[], seen: { granted: number; refused: number }): void {
  const [first] = news;
  if (first?.kind === 'ordered' && first.isOn && first.cause === 'request') {
    seen.granted += 1;
    const totals = sums(home);
    for (const id of circuitsAbove(home, home.appliance(first.appliance).circuit)) {
      expect(totals.get(id) ?? 0n, id).toBeLessThanOrEqual(limitMw(home, id));
    }
  }
  // A change of the rating of what is on may be refused, too; this is about ONs.
  if (
    first?.kind === 'refused' &&
    first.refusal.code === 'capacity_exceeded' &&
    isReleased(home.appliance(first.appliance))
  ) {
    seen.refused += 1;
    expect(wouldPass(home, home.appliance(first.appliance))).toBe(true);
  }
}
