import { isSealed } from '../modbus/crc.ts';
import {
  exactly,
  type FoundFrame,
  findFrame,
  type MatchAt,
  type ModbusException,
  type Written,
} from '../modbus/find-reply.ts';
import { type CoilRequest, encodeRequest, encodeWriteCoilsReply, functionOf, unpackBits } from './codec.ts';

export type CoilReply =
  | { readonly kind: 'bits'; readonly bits: boolean[] }
  /** The board acknowledged exactly this write. */
  | Written
  | ModbusException;

/** The first valid reply to `request` in `bytes`, wherever it begins. */
export function findReply(request: CoilRequest, bytes: Uint8Array): FoundFrame<CoilReply> | null {
  return findFrame({ unit: request.unit, functionCode: functionOf(request) }, bytes, matcher(request));
}

function matcher(request: CoilRequest): MatchAt<CoilReply> {
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

function bitsAt(
  functionCode: number,
  quantity: number,
  bytes: Uint8Array,
  start: number,
): FoundFrame<CoilReply> | null {
  const byteCount = Math.ceil(quantity / 8);
  const end = start + 5 + byteCount;
  if (bytes[start + 1] !== functionCode || bytes[start + 2] !== byteCount || !isSealed(bytes, start, end)) return null;
  return { reply: { kind: 'bits', bits: unpackBits(bytes.subarray(start + 3), quantity) }, start, end };
}
