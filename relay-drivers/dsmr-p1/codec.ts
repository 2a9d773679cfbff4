import { CRC_ARC, crcOf } from '../telegram/crc.ts';

/**
 * The frame of a P1 telegram (wire-formats B3): `/`, lines, `!`, four hex digits of CRC or, in v2 and v3 and on D0
 * meters, nothing. Pure; the decoder and the simulated meter share it.
 */

export const SLASH = 0x2f;
export const BANG = 0x21;
export const CR = 0x0d;
export const LF = 0x0a;

/** What `/` to `!` is followed by: upper hex. */
export function checkOf(telegram: Uint8Array): string {
  return crcOf(CRC_ARC, telegram).toString(16).toUpperCase().padStart(4, '0');
}

/** One real meter prints `B9F` for `0B9F`: leading zeros do not count. The sixteen bits do. */
export function isChecked(telegram: Uint8Array, check: string): boolean {
  return /^[0-9A-F]{1,4}$/.test(check) && check.padStart(4, '0') === checkOf(telegram);
}

/** Lines, the first of them the name with its `/`, as a meter sends them. */
export function sealTelegram(lines: readonly string[], hasCheck: boolean): Uint8Array {
  const telegram = new TextEncoder().encode(`${lines.join('\r\n')}\r\n!`);
  const check = hasCheck ? checkOf(telegram) : '';
  return Uint8Array.from([...telegram, ...new TextEncoder().encode(`${check}\r\n`)]);
}

/**
 * A 7E1 meter on a port that was opened with 8N1 (both are ten bits long) leaves its parity in bit 7. Then every byte
 * has it, and it is checked here. Null: it is wrong somewhere.
 */
export function withoutParity(bytes: Uint8Array): Uint8Array | null {
  if (bytes.every((byte) => byte < 0x80)) return bytes;
  return bytes.every(hasEvenParity) ? bytes.map((byte) => byte & 0x7f) : null;
}

/** Printable ASCII and the ends of lines: a telegram has nothing else. */
export function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === CR || byte === LF);
}

function hasEvenParity(byte: number): boolean {
  let bits = byte;
  bits ^= bits >> 4;
  bits ^= bits >> 2;
  bits ^= bits >> 1;
  return (bits & 1) === 0;
}
