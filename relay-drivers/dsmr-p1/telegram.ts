import type { Telegram } from '../meter.ts';
import { type Quantity, quantityOf, type Registers, readingOf } from '../telegram/obis.ts';
import { scaled } from '../telegram/scaled.ts';
import { isChecked, isText, withoutParity } from './codec.ts';
import { type Cut, NOT_TEXT } from './cutter.ts';

/** To milliwatts and so on, as powers of ten. D0 meters tell watts, P1 kilowatts (wire-formats B3). */
const UNITS: Record<Quantity, Readonly<Record<string, number>>> = {
  power: { W: 3, kW: 6, MW: 9 },
  voltage: { mV: 0, V: 3, kV: 6 },
  current: { mA: 0, A: 3, kA: 6 },
  energy: { Wh: 3, kWh: 6, MWh: 9 },
};

/** Electricity of the meter itself; D0 meters end the name with `*255`, other numbers there are of the past. */
const REGISTER = /^1-0:(\d{1,2}\.\d\.\d)(?:\*255)?(\(.*)$/;
const VALUE = /^\(([+-]?)(\d{1,12})(?:\.(\d{1,9}))?\*(\w{1,3})\)$/;
/** The version of v4 and later, and of Belgium: these all have a CRC. */
const VERSION = /^(1-3:0\.2\.8|0-0:96\.1\.4)\(/m;

/**
 * A telegram that is whole. One with a right CRC is what the meter said: a line that cannot be read is one it has no
 * value for. One without is believed only when each line that counts is as it should be.
 */
export function readTelegram({ bytes, check }: Extract<Cut, { kind: 'telegram' }>, needsCheck: boolean): Telegram {
  const ascii = withoutParity(bytes);
  if (!ascii || !isText(ascii)) return damaged(NOT_TEXT);
  const text = new TextDecoder().decode(ascii);
  if (check === '' && (needsCheck || VERSION.test(text))) return damaged('its CRC is missing');
  if (check !== '' && !isChecked(ascii, check)) return damaged('its CRC is wrong: bytes were lost or changed');
  const registers = registersOf(text, check === '');
  if (!registers) return damaged('it has no CRC and a line that does not read whole');
  const reading = readingOf(registers);
  return reading ? { kind: 'reading', reading } : damaged('it tells no power');
}

/** Null where `isStrict` and a line that counts is spoiled or comes twice. */
function registersOf(text: string, isStrict: boolean): Registers | null {
  const registers = new Map<string, number>();
  for (const line of text.split(/[\r\n]+/)) {
    const [, name = '', rest = ''] = REGISTER.exec(line) ?? [];
    const quantity = quantityOf(name);
    if (!quantity) continue;
    const value = milliOf(rest, UNITS[quantity]);
    if (isStrict && (value === null || registers.has(name))) return null;
    if (value !== null) registers.set(name, value);
  }
  return registers;
}

/** Exact: the digits are moved, never divided. */
function milliOf(text: string, units: Readonly<Record<string, number>>): number | null {
  const [, sign = '', whole = '', fraction = '', unit = ''] = VALUE.exec(text) ?? [];
  const exponent = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (exponent === undefined) return null;
  const digits = BigInt(whole + fraction);
  return scaled(sign === '-' ? -digits : digits, exponent - fraction.length);
}

function damaged(reason: string): Telegram {
  return { kind: 'damaged', reason };
}
