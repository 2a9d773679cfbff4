import { sealed } from '../modbus/crc.ts';

/**
 * Frames of Modbus RTU coil boards (wire-formats A1): `[unit][function][data, big-endian][CRC low][CRC high]`.
 * Pure; the driver and the simulated board share it. Replies are read in replies.ts, requests in requests.ts.
 */

export const FC = { readCoils: 0x01, readInputs: 0x02, writeCoil: 0x05, writeCoils: 0x0f } as const;

export const COIL_ON = 0xff00;
export const COIL_OFF = 0x0000;
/** Waveshare only: not in the Modbus standard. */
export const COIL_TOGGLE = 0x5500;
/** Waveshare: this FC05 address means every relay of the board. */
export const ALL_COILS = 0x00ff;

/** Waveshare: FC05 from these addresses on is a pulse timed by the board; the value is its length in tenths of a second. */
export const PULSE_ON_BASE = 0x0200;
export const PULSE_OFF_BASE = 0x0400;
export const PULSE_END = 0x0600;
export const MAX_PULSE_TENTHS = 0x7fff;

/** The standard's limits: what fits a frame of 256 bytes. */
export const MAX_READ_BITS = 2000;
export const MAX_WRITE_BITS = 1968;

/** What a coil board is asked. Coil addresses count from 0. */
export type CoilRequest =
  | {
      readonly kind: 'read_coils' | 'read_inputs';
      readonly unit: number;
      readonly address: number;
      readonly quantity: number;
    }
  | { readonly kind: 'write_coil'; readonly unit: number; readonly address: number; readonly value: number }
  | {
      readonly kind: 'pulse';
      readonly unit: number;
      readonly coil: number;
      readonly isOn: boolean;
      readonly tenths: number;
    }
  | {
      readonly kind: 'write_coils';
      readonly unit: number;
      readonly address: number;
      readonly bits: readonly boolean[];
    };

export function functionOf(request: CoilRequest): number {
  switch (request.kind) {
    case 'read_coils':
      return FC.readCoils;
    case 'read_inputs':
      return FC.readInputs;
    case 'write_coil':
    case 'pulse':
      return FC.writeCoil;
    case 'write_coils':
      return FC.writeCoils;
  }
}

export function encodeRequest(request: CoilRequest): Uint8Array {
  const head = [inRange('unit', request.unit, 0, 255), functionOf(request)];
  switch (request.kind) {
    case 'read_coils':
    case 'read_inputs':
      return sealed([
        ...head,
        ...address(request.address),
        ...word(inRange('quantity', request.quantity, 1, MAX_READ_BITS)),
      ]);
    case 'write_coil':
      return sealed([...head, ...address(request.address), ...word(inRange('value', request.value, 0, 0xffff))]);
    case 'pulse':
      return sealed([...head, ...pulseAddress(request.coil, request.isOn), ...pulseValue(request.tenths)]);
    case 'write_coils':
      return sealed([...head, ...address(request.address), ...coilValues(request.bits)]);
  }
}

/** The answer to FC01 and FC02: whole bytes, the first channel in bit 0. */
export function encodeBitsReply(
  kind: 'read_coils' | 'read_inputs',
  unit: number,
  bits: readonly boolean[],
): Uint8Array {
  const data = packBits(bits);
  return sealed([unit, kind === 'read_coils' ? FC.readCoils : FC.readInputs, data.length, ...data]);
}

/** The answer to FC0F names what was written, not the values. (The answer to FC05 is the request itself.) */
export function encodeWriteCoilsReply(unit: number, firstAddress: number, quantity: number): Uint8Array {
  return sealed([unit, FC.writeCoils, ...word(firstAddress), ...word(quantity)]);
}

export function encodeException(unit: number, functionCode: number, code: number): Uint8Array {
  return sealed([unit, functionCode | 0x80, code]);
}

export function packBits(bits: readonly boolean[]): number[] {
  const bytes = new Array<number>(Math.ceil(bits.length / 8)).fill(0);
  bits.forEach((isSet, index) => {
    if (isSet) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  });
  return bytes;
}

/** `count` bits; a byte that is missing reads as 0, so callers check lengths first. */
export function unpackBits(bytes: Uint8Array, count: number): boolean[] {
  return Array.from({ length: count }, (_, index) => (((bytes[index >> 3] ?? 0) >> (index & 7)) & 1) === 1);
}

function word(value: number): [number, number] {
  return [value >>> 8, value & 0xff];
}

function address(value: number): [number, number] {
  return word(inRange('address', value, 0, 0xffff));
}

function pulseAddress(coil: number, isOn: boolean): [number, number] {
  return word(inRange('coil', coil, 0, 0x1ff) + (isOn ? PULSE_ON_BASE : PULSE_OFF_BASE));
}

function pulseValue(tenths: number): [number, number] {
  return word(inRange('tenths', tenths, 1, MAX_PULSE_TENTHS));
}

function coilValues(bits: readonly boolean[]): number[] {
  const data = packBits(bits);
  return [...word(inRange('number of coils', bits.length, 1, MAX_WRITE_BITS)), data.length, ...data];
}

function inRange(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new RangeError(`${name} must be a whole number from ${low} to ${high}, got ${value}`);
}
