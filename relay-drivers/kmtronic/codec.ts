/** Frames of KMtronic boards (wire-formats A4): `FF channel value`. Pure; driver and simulated board share it. */

import type { Found } from '../line/exchange.ts';
import { encodeStates, exactStates } from '../line/raw-states.ts';

const HEAD = 0xff;
const ASK_ONE = 0x03;

/** Boards of 4 and 8 channels: every channel at once. */
export const STATUS_QUERY = Uint8Array.of(HEAD, 0x09, 0x00);

/** Boards of 1 and 2 channels are asked channel by channel. */
export function isAskedByChannel(channels: number): boolean {
  return channels <= 2;
}

/** The same bytes set a channel and, from a board of 1 or 2, tell what it is. */
export function encodeState(channel: number, isOn: boolean): Uint8Array {
  return Uint8Array.of(HEAD, channel, isOn ? 0x01 : 0x00);
}

export function encodeChannelQuery(channel: number): Uint8Array {
  return Uint8Array.of(HEAD, channel, ASK_ONE);
}

/** Three bytes without a check: these three and no other, or it is no answer. */
export function exactChannelState(channel: number, bytes: Uint8Array): Found<boolean> | null {
  const [head, of, value] = bytes;
  if (bytes.length !== 3 || head !== HEAD || of !== channel || value === undefined || value > 1) return null;
  return { reply: value === 1, start: 0, end: 3 };
}

/** Every channel of a board of 4 or 8. */
export const exactBoardState = exactStates;
export const encodeBoardState = encodeStates;

export interface KmtronicRequest {
  readonly channel: number;
  /** `status`: of this channel; `all`: of the whole board. */
  readonly kind: 'on' | 'off' | 'status' | 'all';
}

/** What a board is asked; null: no request of this family. */
export function decodeRequest(frame: Uint8Array, channels: number): KmtronicRequest | null {
  const [head, channel, value] = frame;
  if (frame.length !== 3 || head !== HEAD || channel === undefined) return null;
  if (!isAskedByChannel(channels) && channel === 0x09 && value === 0x00) return { channel, kind: 'all' };
  if (isAskedByChannel(channels) && value === ASK_ONE) return { channel, kind: 'status' };
  if (value !== 0x00 && value !== 0x01) return null;
  return { channel, kind: value === 0x01 ? 'on' : 'off' };
}
