import { isSealed } from './crc.ts';

/** A reply and where it stood among the bytes. */
export interface FoundFrame<R> {
  readonly reply: R;
  readonly start: number;
  readonly end: number;
}

export type ModbusException = { readonly kind: 'exception'; readonly code: number };
export type Written = { readonly kind: 'written' };

/** What begins at `start`, if it is whole and the reply that is looked for. */
export type MatchAt<R> = (bytes: Uint8Array, start: number) => FoundFrame<R> | null;

const EXCEPTION_LENGTH = 5;

/**
 * The first valid reply in `bytes`, wherever it begins: boards print banners and lines pick up noise (wire-formats A1,
 * quirk 1), so frames are found by unit, function, length and CRC, never by position or silence.
 */
export function findFrame<R>(
  { unit, functionCode }: { readonly unit: number; readonly functionCode: number },
  bytes: Uint8Array,
  matchAt: MatchAt<R>,
): FoundFrame<R | ModbusException> | null {
  for (let start = 0; start + EXCEPTION_LENGTH <= bytes.length; start += 1) {
    if (bytes[start] !== unit) continue;
    const found = exceptionAt(functionCode, bytes, start) ?? matchAt(bytes, start);
    if (found) return found;
  }
  return null;
}

function exceptionAt(functionCode: number, bytes: Uint8Array, start: number): FoundFrame<ModbusException> | null {
  const end = start + EXCEPTION_LENGTH;
  if (bytes[start + 1] !== (functionCode | 0x80) || !isSealed(bytes, start, end)) return null;
  return { reply: { kind: 'exception', code: bytes[start + 2] ?? 0 }, start, end };
}

/** A write that is acknowledged by exactly this frame. */
export function exactly(frame: Uint8Array): MatchAt<Written> {
  return (bytes, start) => {
    const end = start + frame.length;
    if (end > bytes.length || frame.some((byte, index) => bytes[start + index] !== byte)) return null;
    return { reply: { kind: 'written' }, start, end };
  };
}
