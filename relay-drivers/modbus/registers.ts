import { isSealed, sealed } from './crc.ts';
import { exactly, type FoundFrame, findFrame, type ModbusException, type Written } from './find-reply.ts';

/**
 * Modbus RTU frames that carry 16-bit registers: `[unit][function][data, big-endian][CRC low][CRC high]`.
 * Pure; drivers and simulated devices share it. Frames that carry coils are in modbus-coils/codec.ts.
 */

export const REGISTER_FC = { readHolding: 0x03, readInput: 0x04, writeOne: 0x06 } as const;

/** The standard's limit for one read. */
export const MAX_READ_REGISTERS = 125;

export type RegisterRequest =
  | {
      readonly kind: 'read_holding' | 'read_input';
      readonly unit: number;
      readonly address: number;
      readonly quantity: number;
    }
  | { readonly kind: 'write_register'; readonly unit: number; readonly address: number; readonly value: number };

export type RegisterReply =
  | { readonly kind: 'registers'; readonly values: number[] }
  /** The device acknowledged exactly this write. */
  | Written
  | ModbusException;

export function registerFunction(request: RegisterRequest): number {
  if (request.kind === 'write_register') return REGISTER_FC.writeOne;
  return request.kind === 'read_holding' ? REGISTER_FC.readHolding : REGISTER_FC.readInput;
}

export function encodeRegisterRequest(request: RegisterRequest): Uint8Array {
  const second =
    request.kind === 'write_register'
      ? word('value', request.value, 0, 0xffff)
      : word('quantity', request.quantity, 1, MAX_READ_REGISTERS);
  const unit = whole('unit', request.unit, 0, 255);
  return sealed([unit, registerFunction(request), ...word('address', request.address, 0, 0xffff), ...second]);
}

/** The answer to FC03 and FC04. (The answer to FC06 is the request itself.) */
export function encodeRegistersReply(unit: number, functionCode: number, values: readonly number[]): Uint8Array {
  return sealed([unit, functionCode, values.length * 2, ...values.flatMap((value) => [value >>> 8, value & 0xff])]);
}

/** What a device hears, where the whole frame is one valid request of this kind; null for anything else. */
export function decodeRegisterRequest(frame: Uint8Array): RegisterRequest | null {
  if (frame.length !== 8 || !isSealed(frame, 0, 8)) return null;
  const [unit = 0, code = 0] = frame;
  const address = wordAt(frame, 2);
  const value = wordAt(frame, 4);
  if (code === REGISTER_FC.writeOne) return { kind: 'write_register', unit, address, value };
  if (code !== REGISTER_FC.readHolding && code !== REGISTER_FC.readInput) return null;
  return { kind: code === REGISTER_FC.readHolding ? 'read_holding' : 'read_input', unit, address, quantity: value };
}

/** The first valid reply to `request` in `bytes`, wherever it begins. */
export function findRegisterReply(request: RegisterRequest, bytes: Uint8Array): FoundFrame<RegisterReply> | null {
  const functionCode = registerFunction(request);
  const matchAt =
    request.kind === 'write_register'
      ? exactly(encodeRegisterRequest(request))
      : (heard: Uint8Array, start: number) => registersAt(functionCode, request.quantity, heard, start);
  return findFrame<RegisterReply>({ unit: request.unit, functionCode }, bytes, matchAt);
}

function registersAt(
  code: number,
  quantity: number,
  bytes: Uint8Array,
  start: number,
): FoundFrame<RegisterReply> | null {
  const end = start + 5 + quantity * 2;
  if (bytes[start + 1] !== code || bytes[start + 2] !== quantity * 2 || !isSealed(bytes, start, end)) return null;
  const values = Array.from({ length: quantity }, (_, index) => wordAt(bytes, start + 3 + index * 2));
  return { reply: { kind: 'registers', values }, start, end };
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function word(name: string, value: number, low: number, high: number): [number, number] {
  whole(name, value, low, high);
  return [value >>> 8, value & 0xff];
}

function whole(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new RangeError(`${name} must be a whole number from ${low} to ${high}, got ${value}`);
}
