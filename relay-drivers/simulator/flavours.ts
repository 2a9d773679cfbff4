import { KMTRONIC_TWINS } from '../kmtronic/twin.ts';
import { LCUS_TWINS } from '../lcus/twin.ts';
import { MODBUS_COILS_TWINS } from '../modbus-coils/twin.ts';
import { MODBUS_FC06_TWINS } from '../modbus-fc06/twin.ts';
import { NUMATO_TWINS } from '../numato/twin.ts';
import type { Flavour } from './protocol.ts';

/** A family as the simulator knows it; the first of its makes is the one that is meant where none is named. */
export interface Family {
  readonly twins: Readonly<Record<string, Flavour>>;
  readonly maxChannels: number;
  readonly baud: number;
  /** Without an address a board has its line to itself. */
  readonly hasUnits: boolean;
}

const MODBUS = { maxChannels: 32, baud: 9600, hasUnits: true } as const;
const ALONE = { maxChannels: 8, baud: 9600, hasUnits: false } as const;

export const FAMILIES = {
  'modbus-coils': { twins: MODBUS_COILS_TWINS, ...MODBUS },
  'modbus-fc06': { twins: MODBUS_FC06_TWINS, ...MODBUS },
  lcus: { twins: LCUS_TWINS, ...ALONE },
  kmtronic: { twins: KMTRONIC_TWINS, ...ALONE },
  numato: { twins: NUMATO_TWINS, ...ALONE, maxChannels: 64, baud: 115_200 },
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof FAMILIES;

/** Every make of board that can be simulated; each family keeps its own in its twin.ts. */
export const FLAVOURS = {
  ...MODBUS_COILS_TWINS,
  ...MODBUS_FC06_TWINS,
  ...LCUS_TWINS,
  ...KMTRONIC_TWINS,
  ...NUMATO_TWINS,
} satisfies Record<string, Flavour>;

export type FlavourName = keyof typeof FLAVOURS;
