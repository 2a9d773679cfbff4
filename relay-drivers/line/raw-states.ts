import type { Found } from './exchange.ts';

/**
 * One byte for each channel, 00 or 01, with no head and no check (wire-formats A4; claimed for some LCUS, A3). So many
 * bytes and no other, or it is no answer: with nothing to slide to, a byte too many would shift every channel.
 */
export function exactStates(channels: number, bytes: Uint8Array): Found<boolean[]> | null {
  if (bytes.length !== channels || bytes.some((byte) => byte > 1)) return null;
  return { reply: Array.from(bytes, (byte) => byte === 1), start: 0, end: channels };
}

export function encodeStates(states: readonly boolean[]): Uint8Array {
  return Uint8Array.from(states, Number);
}
