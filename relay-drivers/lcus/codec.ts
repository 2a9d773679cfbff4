/**
 * Frames of LCUS boards (wire-formats A3): `A0 channel command check`, where check is the sum of the three before it,
 * and the single byte FF, which one firmware answers in words. Pure; driver and simulated board share it.
 */

import type { Found } from '../line/exchange.ts';
import { encodeStates, exactStates } from '../line/raw-states.ts';

/** One character for each byte, whatever came. */
const LATIN1 = new TextDecoder('latin1');

/** `*Silently` is what every firmware obeys and none answers; the others are known to the feedback firmware only. */
export const LCUS = {
  offSilently: 0x00,
  onSilently: 0x01,
  off: 0x02,
  on: 0x03,
  toggle: 0x04,
  query: 0x05,
} as const;

export interface LcusFrame {
  readonly channel: number;
  readonly command: number;
}

const HEAD = 0xa0;
const LENGTH = 4;

/** Asks for the states of all channels. */
export const STATUS_QUERY = Uint8Array.of(0xff);

export function encodeFrame({ channel, command }: LcusFrame): Uint8Array {
  return Uint8Array.of(HEAD, channel, command, (HEAD + channel + command) & 0xff);
}

/** The frame that begins at `start`, if its check byte is right. */
export function decodeFrame(bytes: Uint8Array, start = 0): LcusFrame | null {
  const [head, channel, command, check] = bytes.subarray(start, start + LENGTH);
  if (head !== HEAD || channel === undefined || command === undefined) return null;
  return check === ((HEAD + channel + command) & 0xff) ? { channel, command } : null;
}

/** What the feedback firmware says of one channel: on or off in the place of the command. */
export function findState(channel: number, bytes: Uint8Array): Found<boolean> | null {
  for (let start = 0; start + LENGTH <= bytes.length; start += 1) {
    const frame = decodeFrame(bytes, start);
    if (frame?.channel !== channel || frame.command > 1) continue;
    return { reply: frame.command === 1, start, end: start + LENGTH };
  }
  return null;
}

/** The words of the status firmware, one line for each channel; some print no space. Half an answer is none. */
export function findStatusText(channels: number, bytes: Uint8Array): Found<boolean[]> | null {
  const lines = Array.from({ length: channels }, (_, index) => `CH${index + 1}: ?(ON|OFF)\r\n`);
  const match = new RegExp(lines.join('')).exec(LATIN1.decode(bytes));
  if (!match) return null;
  const [text, ...words] = match;
  return { reply: words.map((word) => word === 'ON'), start: match.index, end: match.index + text.length };
}

export function encodeStatusText(states: readonly boolean[]): Uint8Array {
  const lines = states.map((isOn, index) => `CH${index + 1}: ${isOn ? 'ON' : 'OFF'}\r\n`);
  return new TextEncoder().encode(lines.join(''));
}

/** Claimed once and never confirmed: FF answered with a byte for each relay. */
export const exactRawStates = exactStates;
export const encodeRawStates = encodeStates;
