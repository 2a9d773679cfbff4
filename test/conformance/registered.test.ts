import { expect, it } from 'vitest';
import { METER_DRIVERS } from '../../relay-drivers/meter-registry.ts';
import { RELAY_DRIVERS } from '../../relay-drivers/registry.ts';
import { FLAVOURS } from '../../relay-drivers/simulator/flavours.ts';
import { METER_FLAVOURS } from '../../relay-drivers/simulator/meter-flavours.ts';
import { METERS, NOT_READ, polledSubject, pushedSubject } from './meters.ts';
import { NOT_DRIVEN, RELAYS } from './relays.ts';

/** What stands in a registry and in no entry of the suite. */
function missing(registered: Iterable<string>, tried: Iterable<string>): string[] {
  const known = new Set(tried);
  return [...registered].filter((name) => !known.has(name));
}

const families = (entries: readonly { readonly family: string }[]) => entries.map(({ family }) => family);

it('every registered family of relays is tried: it has an entry in relays.ts', () => {
  expect(missing(RELAY_DRIVERS.names, families(RELAYS))).toEqual([]);
});

it('every registered family of meters is tried: it has an entry in meters.ts', () => {
  expect(missing(METER_DRIVERS.keys(), families(METERS))).toEqual([]);
});

it('every twin is driven by its family, or stands in NOT_DRIVEN or NOT_READ with its reason', () => {
  expect(missing(Object.keys(FLAVOURS), [...RELAYS.map(({ twin }) => twin), ...NOT_DRIVEN])).toEqual([]);
  expect(missing(Object.keys(METER_FLAVOURS), [...METERS.map(({ twin }) => twin), ...NOT_READ])).toEqual([]);
});

it('every entry of a meter is tried as what its family is: asked, or listened to', () => {
  for (const entry of METERS) expect([polledSubject(entry), pushedSubject(entry)]).toContain(null);
  for (const entry of METERS) expect(polledSubject(entry) ?? pushedSubject(entry)).not.toBeNull();
});

it('the skeleton is in no registry of the product', () => {
  expect([...RELAY_DRIVERS.names, ...METER_DRIVERS.keys()].filter((name) => name.includes('skeleton'))).toEqual([]);
});

it('a family without an entry is found', () => {
  expect(missing([...RELAY_DRIVERS.names, 'new-family'], families(RELAYS))).toEqual(['new-family']);
});
