import { CRC_X25, crcOf } from '../telegram/crc.ts';

/**
 * SML transport, version 1 (wire-formats B4): `1B1B1B1B 01010101`, the messages, fill bytes, `1B1B1B1B 1A pp cc cc`.
 * `pp` counts the fill bytes; the CRC goes over all before it, low byte first. What looks like an escape in the messages
 * is doubled. Pure; the decoder and the simulated meter share it.
 */

export const ESCAPE = 0x1b;
export const ESCAPE_BYTES = 4;
const BEGIN = 0x01;
const END = 0x1a;
const FILL = 4;

const ESCAPED = [ESCAPE, ESCAPE, ESCAPE, ESCAPE];
export const START: readonly number[] = [...ESCAPED, BEGIN, BEGIN, BEGIN, BEGIN];

/** What the four bytes behind an escape mean. */
export type Meaning = 'literal' | 'start' | 'end' | 'none';

export function meaningOf(group: Uint8Array): Meaning {
  if (group[0] === END) return 'end';
  if (group.every((byte) => byte === ESCAPE)) return 'literal';
  return group.every((byte) => byte === BEGIN) ? 'start' : 'none';
}

export function sealMessages(messages: Uint8Array): Uint8Array {
  const fill = (FILL - (messages.length % FILL)) % FILL;
  const body = [...START, ...doubled(messages), ...new Array<number>(fill).fill(0), ...ESCAPED, END, fill];
  const crc = crcOf(CRC_X25, Uint8Array.from(body));
  return Uint8Array.from([...body, crc & 0xff, crc >>> 8]);
}

/** The messages of a frame that reaches from its start to its end; a reason where it is not to be believed. */
export function openFrame(frame: Uint8Array): Uint8Array | string {
  const [low = 0, high = 0] = frame.subarray(-2);
  if (crcOf(CRC_X25, frame, 0, frame.length - 2) !== (low | (high << 8)))
    return 'its CRC is wrong: bytes were lost or changed';
  const messages = undoubled(frame.subarray(START.length, frame.length - ESCAPE_BYTES - 4));
  const fill = frame[frame.length - 3] ?? 0;
  return fill < FILL && fill <= messages.length
    ? messages.subarray(0, messages.length - fill)
    : 'it counts more fill bytes than it can have';
}

function doubled(bytes: Uint8Array): number[] {
  const out: number[] = [];
  let run = 0;
  for (const byte of bytes) {
    out.push(byte);
    run = byte === ESCAPE ? run + 1 : 0;
    if (run < ESCAPE_BYTES) continue;
    out.push(...ESCAPED);
    run = 0;
  }
  return out;
}

function undoubled(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  let run = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    out.push(byte);
    run = byte === ESCAPE ? run + 1 : 0;
    if (run < ESCAPE_BYTES) continue;
    at += ESCAPE_BYTES;
    run = 0;
  }
  return Uint8Array.from(out);
}
