import { isSealed, sealed } from './crc.ts';

/**
 * FC10, several 16-bit registers in one frame: pulses and settings of LCTech boards, settings of meters. Pure. The hub
 * sends none of them; simulated boards answer them.
 */

export const WRITE_REGISTERS = 0x10;

/** The standard's limit: what fits a frame of 256 bytes. */
export const MAX_WRITE_REGISTERS = 123;

export interface WriteRegisters {
  readonly unit: number;
  readonly address: number;
  readonly values: readonly number[];
}

export function encodeWriteRegisters({ unit, address, values }: WriteRegisters): Uint8Array {
  const isWhole = values.length >= 1 && values.length <= MAX_WRITE_REGISTERS;
  if (!isWhole) throw new RangeError(`1 to ${MAX_WRITE_REGISTERS} registers go into one frame, got ${values.length}`);
  const data = values.flatMap(word);
  return sealed([unit, WRITE_REGISTERS, ...word(address), ...word(values.length), data.length, ...data]);
}

/** The answer names what was written, not the values. (LCTech repeats the whole request when its address is set.) */
export function encodeWroteRegisters({ unit, address, values }: WriteRegisters): Uint8Array {
  return sealed([unit, WRITE_REGISTERS, ...word(address), ...word(values.length)]);
}

/** What a device hears, where the whole frame is one valid request of this kind; null for anything else. */
export function decodeWriteRegisters(frame: Uint8Array): WriteRegisters | null {
  const [unit = 0, code = 0] = frame;
  if (code !== WRITE_REGISTERS || !isSealed(frame, 0, frame.length)) return null;
  const quantity = wordAt(frame, 4);
  const isWhole = quantity >= 1 && frame[6] === quantity * 2 && frame.length === 9 + quantity * 2;
  if (!isWhole) return null;
  return {
    unit,
    address: wordAt(frame, 2),
    values: Array.from({ length: quantity }, (_, i) => wordAt(frame, 7 + i * 2)),
  };
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function word(value: number): [number, number] {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff) return [value >>> 8, value & 0xff];
  throw new RangeError(`a register holds a whole number from 0 to 65535, got ${value}`);
}
