import { isSealed } from '../modbus/crc.ts';
import {
  type CoilRequest,
  FC,
  MAX_PULSE_TENTHS,
  MAX_READ_BITS,
  MAX_WRITE_BITS,
  PULSE_END,
  PULSE_OFF_BASE,
  PULSE_ON_BASE,
  unpackBits,
} from './codec.ts';

/** A well-framed request that a coil board cannot carry out: it answers with this exception. */
export interface RefusedRequest {
  readonly kind: 'refused';
  readonly unit: number;
  readonly functionCode: number;
  readonly exception: 1 | 3;
}

/** A request as it stood on the line; `frame` is what an FC05 answer repeats. */
export interface HeardRequest {
  readonly request: CoilRequest | RefusedRequest;
  readonly frame: Uint8Array;
}

/** The standard's longest RTU frame. */
const MAX_FRAME = 256;

/**
 * Cuts what a board hears into requests. Frames are told by function code, length and CRC; what is neither is skipped
 * byte by byte, and a half-heard frame never hides the whole one behind it.
 */
export class RequestStream {
  #bytes: Uint8Array = new Uint8Array(0);

  push(chunk: Uint8Array): HeardRequest[] {
    this.#bytes = joined(this.#bytes, chunk);
    const heard: HeardRequest[] = [];
    for (let next = this.#take(); next; next = this.#take()) heard.push(next);
    // An unfinished frame is shorter than the longest one: what is older can no longer become a request.
    if (this.#bytes.length >= MAX_FRAME) this.#bytes = this.#bytes.slice(-(MAX_FRAME - 1));
    return heard;
  }

  /** Forgets a half-heard frame: a board does so after 3.5 characters of silence. */
  reset(): void {
    this.#bytes = new Uint8Array(0);
  }

  #take(): HeardRequest | null {
    for (let start = 0; start + 4 <= this.#bytes.length; start += 1) {
      const length = frameLength(this.#bytes, start);
      if (length === null || !isSealed(this.#bytes, start, start + length)) continue;
      const frame = this.#bytes.slice(start, start + length);
      this.#bytes = this.#bytes.slice(start + length);
      return { request: decodeRequest(frame), frame };
    }
    return null;
  }
}

/** The request in a whole frame whose CRC is right. */
export function decodeRequest(frame: Uint8Array): CoilRequest | RefusedRequest {
  const unit = frame[0] ?? 0;
  const functionCode = frame[1] ?? 0;
  switch (functionCode) {
    case FC.readCoils:
    case FC.readInputs:
      return readRequest(unit, functionCode, wordAt(frame, 2), wordAt(frame, 4));
    case FC.writeCoil:
      return writeRequest(unit, wordAt(frame, 2), wordAt(frame, 4));
    case FC.writeCoils:
      return writeManyRequest(unit, frame);
    default:
      return { kind: 'refused', unit, functionCode, exception: 1 };
  }
}

function readRequest(
  unit: number,
  functionCode: number,
  address: number,
  quantity: number,
): CoilRequest | RefusedRequest {
  if (quantity < 1 || quantity > MAX_READ_BITS) return { kind: 'refused', unit, functionCode, exception: 3 };
  return { kind: functionCode === FC.readCoils ? 'read_coils' : 'read_inputs', unit, address, quantity };
}

function writeRequest(unit: number, address: number, value: number): CoilRequest | RefusedRequest {
  if (address < PULSE_ON_BASE || address >= PULSE_END) return { kind: 'write_coil', unit, address, value };
  if (value < 1 || value > MAX_PULSE_TENTHS) return { kind: 'refused', unit, functionCode: FC.writeCoil, exception: 3 };
  const isOn = address < PULSE_OFF_BASE;
  return { kind: 'pulse', unit, coil: address - (isOn ? PULSE_ON_BASE : PULSE_OFF_BASE), isOn, tenths: value };
}

function writeManyRequest(unit: number, frame: Uint8Array): CoilRequest | RefusedRequest {
  const quantity = wordAt(frame, 4);
  const isWhole = quantity >= 1 && quantity <= MAX_WRITE_BITS && frame[6] === Math.ceil(quantity / 8);
  if (!isWhole) return { kind: 'refused', unit, functionCode: FC.writeCoils, exception: 3 };
  return { kind: 'write_coils', unit, address: wordAt(frame, 2), bits: unpackBits(frame.subarray(7), quantity) };
}

/** Functions 1 to 6 have 8 bytes; 0F and 10 say their length; others are not for coil boards. Null: not (yet) known. */
function frameLength(bytes: Uint8Array, start: number): number | null {
  const functionCode = bytes[start + 1] ?? 0;
  if (functionCode >= 0x01 && functionCode <= 0x06) return 8;
  if (functionCode !== 0x0f && functionCode !== 0x10) return null;
  const byteCount = bytes[start + 6];
  return byteCount === undefined || byteCount > MAX_FRAME - 9 ? null : 9 + byteCount;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}
