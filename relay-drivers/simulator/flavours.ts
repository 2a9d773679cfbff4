import {
  type Behaviour,
  pulseCoil,
  readBits,
  silentUnlessWhole,
  toggleCoil,
  unknownAddress,
  writeCoil,
  writeCoils,
  writeEveryCoil,
} from './behaviours.ts';

export type FlavourName = 'waveshare' | 'lctech';

/** A make of board: its factory address, what it does on power-up, and what it does with a request, first match first. */
export interface Flavour {
  readonly unit: number;
  readonly greetsOnPowerUp: boolean;
  readonly behaviours: readonly Behaviour[];
}

/** What an LC-Modbus board says unasked when it gets power (wire-formats A1, quirk 1). */
export const BANNER = new TextEncoder().encode('Thank you for using the Modbus modules of LCTECH\r\n');

export const FLAVOURS: Readonly<Record<FlavourName, Flavour>> = {
  waveshare: {
    unit: 1,
    greetsOnPowerUp: false,
    behaviours: [readBits, writeEveryCoil, toggleCoil, writeCoil, pulseCoil, writeCoils, unknownAddress],
  },
  lctech: {
    unit: 255,
    greetsOnPowerUp: true,
    behaviours: [silentUnlessWhole, readBits, writeCoil, writeCoils, unknownAddress],
  },
};

export function isFlavour(name: string): name is FlavourName {
  return Object.hasOwn(FLAVOURS, name);
}
