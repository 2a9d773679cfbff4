import { expect, it } from 'vitest';
import { PLUG_DRIVERS } from '../../relay-drivers/plug-registry.ts';
import { PLUG_FAMILIES } from '../../relay-drivers/simulator/plug-flavours.ts';
import { PLUGS } from './plugs.ts';

function missing(registered: Iterable<string>): string[] {
  const tried = new Set(PLUGS.map(({ family }) => family));
  return [...registered].filter((name) => !tried.has(name));
}

it('every registered family of devices on MQTT is tried: it has an entry in plugs.ts', () => {
  expect(missing(PLUG_DRIVERS.keys())).toEqual([]);
});

it('and so is every family that the simulator knows', () => {
  expect(missing(Object.keys(PLUG_FAMILIES))).toEqual([]);
});

it('a family without an entry is found', () => {
  expect(missing([...PLUG_DRIVERS.keys(), 'new-family'])).toEqual(['new-family']);
});
