import { isSealed } from '../modbus/crc.ts';
import {
  type CoilRequest,
  type ExceptionCode,
  encodeRequest,
  encodeWriteCoilsReply,
  functionOf,
  unpackBits,
} from './codec.ts';

export type CoilReply =
  | { readonly kind: 'bits'; readonly bits: boolean[] }
  /** The board acknowledged exactly this write. */
  | { readonly kind: 'written' }
  | { readonly kind: 'exception'; readonly code: ExceptionCode };

/** A reply and where it stood among the bytes. */
export interface FoundReply {
  readonly reply: CoilReply;
  readonly start: number;
  readonly end: number;
}

const EXCEPTION_LENGTH = 5;

/**
 * The first valid reply to `request` in `bytes`, wherever it begins: boards print banners and lines pick up noise
 * (wire-formats A1, quirk 1), so frames are found by unit, function, length and CRC, never by position or silence.
 */
export function findReply(request: CoilRequest, bytes: Uint8Array): FoundReply | null {
  const matchAt = matcher(request);
  for (let start = 0; start + EXCEPTION_LENGTH <= bytes.length; start += 1) {
    if (bytes[start] !== request.unit) continue;
    const found = exceptionAt(functionOf(request), bytes, start) ?? matchAt(bytes, start);
    if (found) return found;
  }
  return null;
}

type MatchAt = (bytes: Uint8Array, start: number) => FoundReply | null;

function matcher(request: CoilRequest): MatchAt {
  switch (request.kind) {
    case 'read_coils':
    case 'read_inputs':
      return (bytes, start) => bitsAt(functionOf(request), request.quantity, bytes, start);
    case 'write_coil':
    case 'pulse':
      // The request comes back byte for byte.
      return exactly(encodeRequest(request));
    case 'write_coils':
      return exactly(encodeWriteCoilsReply(request.unit, request.address, request.bits.length));
  }
}

function exceptionAt(functionCode: number, bytes: Uint8Array, start: number): FoundReply | null {
  const end = start + EXCEPTION_LENGTH;
  if (bytes[start + 1] !== (functionCode | 0x80) || !isSealed(bytes, start, end)) return null;
  return { reply: { kind: 'exception', code: bytes[start + 2] ?? 0 }, start, end };
}

function bitsAt(functionCode: number, quantity: number, bytes: Uint8Array, start: number): FoundReply | null {
  const byteCount = Math.ceil(quantity / 8);
  const end = start + 5 + byteCount;
  if (bytes[start + 1] !== functionCode || bytes[start + 2] !== byteCount || !isSealed(bytes, start, end)) return null;
  return { reply: { kind: 'bits', bits: unpackBits(bytes.subarray(start + 3), quantity) }, start, end };
}

function exactly(frame: Uint8Array): MatchAt {
  return (bytes, start) => {
    const end = start + frame.length;
    if (end > bytes.length || frame.some((byte, index) => bytes[start + index] !== byte)) return null;
    return { reply: { kind: 'written' }, start, end };
  };
}
