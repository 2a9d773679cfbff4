import { describe, expect, it } from 'vitest';
import type { Input } from '../../daemon/core/inputs.ts';
import { CountingMap } from './counting-map.ts';
import { ANNA, Home, settingsOf } from './home.ts';

/** A house of so many declared loads and a board of eight, whose tables count. */
function crowded(appliances: number): { home: Home; tally: { reads: number } } {
  const home = new Home({ circuits: [{ id: 'kitchen', parent: null, limitMw: 4_000_000 }] });
  for (let i = 0; i < appliances; i++) {
    home.decide({ kind: 'add_appliance', settings: settingsOf(`d${i}`, { w: 0.001 }), who: ANNA });
  }
  home.add({ lamp: { w: 1000, circuit: 'kitchen' }, oven: { w: 3000 }, dryer: { w: 2500 } }).switchedOn('oven');
  const tally = { reads: 0 };
  const counted = <V>(table: unknown) => new CountingMap<V>(table as Map<string, V>, tally);
  const { circuits, appliances: all, channels, kept, waiting } = home.state;
  const tables = { circuits, appliances: all, channels, kept, waiting };
  Object.assign(home.state, Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, counted(table)])));
  return { home, tally };
}

type Step = readonly [what: string, steps: readonly ((home: Home) => Input)[]];

const toggle = (appliance: string, want: 'on' | 'off') => (): Input => ({
  kind: 'toggle',
  appliance,
  want,
  who: ANNA,
  key: `${appliance} ${want}`,
  hash: want,
});
const obeys =
  (appliance: string) =>
  (home: Home): Input => {
    const { generation, isOn } = home.appliance(appliance).order;
    return { kind: 'relay_confirmed', appliance, generation, isOn, evidence: 'ack' };
  };
const reads =
  (isOn: boolean) =>
  (home: Home): Input => ({
    kind: 'readings',
    bus: 'main',
    readings: ['lamp', 'oven', 'dryer'].map((appliance) => ({
      appliance,
      generation: home.generation(appliance),
      isOn,
    })),
  });

const STEPS: readonly Step[] = [
  ['an ON that is granted', [toggle('lamp', 'on')]],
  ['an ON that is refused', [toggle('dryer', 'on')]],
  ['an ON of what is on', [toggle('oven', 'on')]],
  ['an OFF', [toggle('oven', 'off')]],
  ['a confirmation', [toggle('lamp', 'on'), obeys('lamp')]],
  [
    'a poll of which nothing follows',
    [toggle('lamp', 'on'), obeys('lamp'), toggle('oven', 'off'), obeys('oven'), reads(false)],
  ],
  ['a board that is lost', [() => ({ kind: 'bus_lost', bus: 'main', reason: 'x' })]],
  ['a declared load', [toggle('d0', 'on')]],
  [
    'more watts for one',
    [() => ({ kind: 'change_appliance', appliance: 'oven', change: { ratedMw: 3_100_000 }, who: ANNA })],
  ],
];

describe('a decision costs the depth of the circuit tree, not the number of appliances', () => {
  it.each(STEPS)('%s', (_, steps) => {
    const [few, many] = [10, 10_000].map((count) => {
      const { home, tally } = crowded(count);
      for (const step of steps) home.decide(step(home));
      return tally.reads;
    });
    expect(few).toBeGreaterThan(0);
    expect(many).toBe(few);
  });
});
