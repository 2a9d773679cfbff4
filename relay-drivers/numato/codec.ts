/**
 * What Numato modules are told and what they say (wire-formats A5): words and a carriage return go out; the words come
 * back, a line end, the value if there is one, another line end and the prompt `>`. Pure.
 */

import type { Found } from '../line/exchange.ts';

/** One character for each byte, whatever came. */
const LATIN1 = new TextDecoder('latin1');

export type NumatoCommand =
  | { readonly kind: 'on' | 'off' | 'read'; readonly channel: number }
  /** All channels as one hexadecimal number: no recording, but what several drivers in the field rely on. */
  | { readonly kind: 'readall' };

/** 0 to 9 and A to F on boards of up to 16, two decimals on 32 and 64; the module counts from 0. */
export function channelName(channel: number, channels: number): string {
  const index = channel - 1;
  return channels <= 16 ? index.toString(16).toUpperCase() : String(index).padStart(2, '0');
}

export function commandText(command: NumatoCommand, channels: number): string {
  return command.kind === 'readall'
    ? 'relay readall'
    : `relay ${command.kind} ${channelName(command.channel, channels)}`;
}

export function encodeCommand(command: NumatoCommand, channels: number): Uint8Array {
  return new TextEncoder().encode(`${commandText(command, channels)}\r`);
}

/** The value of the answer to exactly this command, '' for a command that has none. Numbers in the echo are no values. */
export function findAnswer(text: string, value: RegExp | null, bytes: Uint8Array): Found<string> | null {
  const answer = value ? `(${value.source})[\r\n]+` : '';
  const match = new RegExp(`${text}[\r\n]+${answer}>`).exec(LATIN1.decode(bytes));
  return match && { reply: match[1] ?? '', start: match.index, end: match.index + match[0].length };
}

export const ON_OR_OFF = /on|off/;

/** A quarter of the channels in hexadecimal digits, the first channel in the lowest bit. */
export function hexOf(channels: number): RegExp {
  return new RegExp(`[0-9a-fA-F]{${Math.ceil(channels / 4)}}`);
}

export function statesOfHex(hex: string, channels: number): boolean[] {
  const bits = BigInt(`0x${hex}`);
  return Array.from({ length: channels }, (_, index) => ((bits >> BigInt(index)) & 1n) === 1n);
}

export function hexOfStates(states: readonly boolean[]): string {
  const bits = states.reduce((sum, isOn, index) => (isOn ? sum | (1n << BigInt(index)) : sum), 0n);
  return bits.toString(16).padStart(Math.ceil(states.length / 4), '0');
}
