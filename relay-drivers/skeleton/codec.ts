import type { Found } from '../line/exchange.ts';
import { isSealed, sealed } from '../modbus/crc.ts';

/**
 * Frames of a board that nobody sells: `unit command channel value`, and a CRC. It says the command back with its
 * highest bit set, so that no answer equals its question. Pure: it sends nothing, knows no time, and takes any bytes
 * without throwing. The driver and the simulated device share it, and nothing else.
 */

const COMMAND = { set: 0x10, read: 0x11, measure: 0x12 } as const;
const ANSWER = 0x80;
const REQUEST_BYTES = 6;
const MEASURED_BYTES = 8;

export type SkeletonRequest =
  | { readonly kind: 'set'; readonly unit: number; readonly channel: number; readonly isOn: boolean }
  | { readonly kind: 'read' | 'measure'; readonly unit: number };

export function encodeRequest(request: SkeletonRequest): Uint8Array {
  const [channel, value] = request.kind === 'set' ? [request.channel, Number(request.isOn)] : [0, 0];
  return sealed([request.unit, COMMAND[request.kind], channel, value]);
}

/** What a device hears, where the whole frame is one request; null for anything else. */
export function decodeRequest(frame: Uint8Array): SkeletonRequest | null {
  const [unit, command, channel, value] = frame;
  if (frame.length !== REQUEST_BYTES || !isSealed(frame, 0, REQUEST_BYTES)) return null;
  if (unit === undefined || channel === undefined) return null;
  if (command === COMMAND.read) return { kind: 'read', unit };
  if (command === COMMAND.measure) return { kind: 'measure', unit };
  return command === COMMAND.set && (value === 0 || value === 1)
    ? { kind: 'set', unit, channel, isOn: value === 1 }
    : null;
}

export function encodeSetAnswer(unit: number, channel: number, isOn: boolean): Uint8Array {
  return sealed([unit, COMMAND.set | ANSWER, channel, Number(isOn)]);
}

/** One bit for each channel, the first in the lowest. */
export function encodeStates(unit: number, states: readonly boolean[]): Uint8Array {
  const bits = states.reduce((sum, isOn, index) => (isOn ? sum | (1 << index) : sum), 0);
  return sealed([unit, COMMAND.read | ANSWER, states.length, bits]);
}

/** Signed milliwatts in four bytes, the highest first. */
export function encodeMeasured(unit: number, powerMw: number): Uint8Array {
  return sealed([unit, COMMAND.measure | ANSWER, ...[24, 16, 8, 0].map((shift) => (powerMw >> shift) & 0xff)]);
}

export function findSetAnswer(unit: number, channel: number, isOn: boolean, bytes: Uint8Array): Found<'set'> | null {
  const wanted = encodeSetAnswer(unit, channel, isOn);
  return find(unit, COMMAND.set, bytes, wanted.length, (answer) =>
    wanted.every((byte, at) => answer[at] === byte) ? 'set' : null,
  );
}

export function findStates(unit: number, channels: number, bytes: Uint8Array): Found<boolean[]> | null {
  return find(unit, COMMAND.read, bytes, REQUEST_BYTES, ([, , count, bits = 0]) =>
    count === channels ? Array.from({ length: channels }, (_, index) => ((bits >> index) & 1) === 1) : null,
  );
}

export function findMeasured(unit: number, bytes: Uint8Array): Found<number> | null {
  return find(unit, COMMAND.measure, bytes, MEASURED_BYTES, (answer) =>
    answer.subarray(2, 6).reduce((value, byte) => (value << 8) | byte, 0),
  );
}

/** Wherever it begins: a line picks up noise, and boards say things unasked. Address, command, length and check tell it. */
function find<T>(
  unit: number,
  command: number,
  bytes: Uint8Array,
  length: number,
  read: (answer: Uint8Array) => T | null,
): Found<T> | null {
  for (let start = 0, end = length; end <= bytes.length; start += 1, end += 1) {
    if (bytes[start] !== unit || bytes[start + 1] !== (command | ANSWER) || !isSealed(bytes, start, end)) continue;
    const reply = read(bytes.subarray(start, end));
    if (reply !== null) return { reply, start, end };
  }
  return null;
}
