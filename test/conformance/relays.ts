import { type DriverKind, RELAY_DRIVERS } from '../../relay-drivers/registry.ts';
import { FLAVOURS, type FlavourName } from '../../relay-drivers/simulator/flavours.ts';
import type { Flavour } from '../../relay-drivers/simulator/protocol.ts';
import { inMemory } from './places.ts';
import type { RelayAbilities, RelaySubject } from './relay-world.ts';

/** One line of the suite: a family against one of its twins. A new family joins with an entry here. */
export interface RelayEntry {
  /** As in relay-drivers/registry.ts. */
  readonly family: string;
  /** As in relay-drivers/simulator/flavours.ts. */
  readonly twin: FlavourName;
  readonly channels: number;
  /** Of its `buses` entry, besides id, driver, path and channels. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly abilities: RelayAbilities;
}

/** Everything that can be asked of a board. */
export const ALL: RelayAbilities = {
  proof: 'acknowledged',
  readsBack: true,
  withstands: 'every_reply',
  confirms: 'order',
  tellsReplies: true,
  noise: 'any',
};

/** A write is never answered (wire-formats A3, A4): nothing but a reading tells what became of it. */
const UNANSWERED: RelayAbilities = { ...ALL, proof: 'sent' };

/**
 * States come as bytes 00 and 01 with nothing that checks them (A4; claimed for some LCUS, A3): two readings must agree,
 * so one spoiled reply does no harm and two spoiled alike do; an endless row of zeros is a board that is off.
 */
const UNCHECKED: RelayAbilities = { ...UNANSWERED, withstands: 'one_reply', noise: 'varied' };

/** Readings of more than eight channels are hexadecimal digits, and nothing checks a digit (A5): two must agree. */
const HEXADECIMAL: RelayAbilities = { ...ALL, withstands: 'one_reply' };

export const RELAYS: readonly RelayEntry[] = [
  { family: 'modbus-coils', twin: 'waveshare', channels: 8, abilities: ALL },
  { family: 'modbus-coils', twin: 'waveshare', channels: 32, abilities: ALL },
  { family: 'modbus-coils', twin: 'lctech', channels: 4, settings: { unit: 255 }, abilities: ALL },
  {
    family: 'modbus-coils',
    twin: 'waveshare-d',
    channels: 8,
    settings: { inputs: { 8: { appliance: 'lamp', mode: 'toggle' } }, input_modes: { 1: 'none' } },
    abilities: ALL,
  },
  { family: 'modbus-fc06', twin: 'r421a08', channels: 8, abilities: ALL },
  { family: 'lcus', twin: 'lcus-status', channels: 8, abilities: UNANSWERED },
  { family: 'lcus', twin: 'lcus-silent', channels: 1, abilities: { ...UNANSWERED, readsBack: false } },
  { family: 'lcus', twin: 'lcus-raw', channels: 4, abilities: UNCHECKED },
  // The sum finds one wrong byte. What answers a command answers the query too: a late one of the two tells nothing (A3).
  { family: 'lcus', twin: 'lcus-feedback', channels: 2, abilities: { ...ALL, confirms: 'state', tellsReplies: false } },
  // One and two channels are asked one by one, four and eight together (A4).
  { family: 'kmtronic', twin: 'kmtronic', channels: 2, abilities: UNCHECKED },
  { family: 'kmtronic', twin: 'kmtronic', channels: 8, abilities: UNCHECKED },
  { family: 'numato', twin: 'numato', channels: 4, abilities: ALL },
  { family: 'numato', twin: 'numato', channels: 32, abilities: HEXADECIMAL },
];

/** Twins that no family drives, each with its reason. */
export const NOT_DRIVEN: readonly FlavourName[] = [
  // Looks like an LCUS on the bus and knows none of its frames (A3): the LCUS driver finds it silent, lcus.test.ts.
  'lcus-d0',
];

export interface Make {
  readonly name: string;
  readonly kind: DriverKind;
  readonly flavour: Flavour;
  readonly channels: number;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly abilities: RelayAbilities;
}

/** What drivers in the field wait (wire-formats D). */
const TIMEOUT_MS = 300;

export function relaySubject({ name, kind, flavour, channels, settings = {}, abilities }: Make): RelaySubject {
  const entry = { id: 'main', driver: kind.kind, path: '/dev/main', channels, timeout_ms: TIMEOUT_MS, ...settings };
  const parsed = kind.settings.parse(entry);
  return {
    name: `${name}, ${channels} channels`,
    places: inMemory,
    flavour,
    channels,
    baud: parsed.baud,
    timeoutMs: TIMEOUT_MS,
    abilities,
    create: (line) => kind.create(parsed, line),
  };
}

export function subjectOf({ family, twin, ...rest }: RelayEntry): RelaySubject {
  return relaySubject({
    ...rest,
    name: `${family} with ${twin}`,
    kind: RELAY_DRIVERS.get(family),
    flavour: FLAVOURS[twin],
  });
}
