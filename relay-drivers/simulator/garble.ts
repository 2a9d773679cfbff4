import type { LineFormat } from './timing.ts';

/** What a receiver makes of one character. */
export interface Received {
  readonly byte: number;
  /** Wrong parity, or no stop bit where it should be. */
  readonly isBad: boolean;
}

const DATA_BITS = 8;
const IDLE = 1;

/**
 * What a receiver set to `to` hears of bytes sent one after the other at `from`: it waits for a falling edge and looks
 * at the level in the middle of each of its own bits, as a UART does. The same bytes are always garbled the same way.
 */
export function received(bytes: Uint8Array, from: LineFormat, to: LineFormat): Received[] {
  const levels = levelsOf(bytes, from);
  const bitLength = from.baud / to.baud;
  const levelAt = (time: number): number => levels[Math.floor(time)] ?? IDLE;
  const heard: Received[] = [];
  for (let edge = nextEdge(levels, 0); edge < levels.length; ) {
    const start = edge;
    const one = character((bit) => levelAt(start + (bit + 0.5) * bitLength), to);
    if (one !== null) heard.push(one);
    // From the middle of the stop bit on: a sender that is a little faster is not missed.
    const over = start + (one === null ? 0.5 : characterBits(to) - 0.5) * bitLength;
    edge = nextEdge(levels, Math.max(start + 1, over));
  }
  return heard;
}

export function isSameFormat(one: LineFormat, other: LineFormat): boolean {
  return one.baud === other.baud && parityOf(one) === parityOf(other);
}

/** The line's level during each bit that was sent. */
function levelsOf(bytes: Uint8Array, format: LineFormat): number[] {
  return [...bytes].flatMap((byte) => {
    const data = Array.from({ length: DATA_BITS }, (_, bit) => (byte >> bit) & 1);
    const parity = parityOf(format) === 'none' ? [] : [parityBit(data, format)];
    return [0, ...data, ...parity, IDLE];
  });
}

/** Null: the start bit was gone before its middle. Bit 0 is the start bit. */
function character(level: (bit: number) => number, format: LineFormat): Received | null {
  if (level(0) !== 0) return null;
  const data = Array.from({ length: DATA_BITS }, (_, bit) => level(bit + 1));
  const hasParity = parityOf(format) !== 'none';
  const isParityWrong = hasParity && level(DATA_BITS + 1) !== parityBit(data, format);
  const hasStop = level(DATA_BITS + (hasParity ? 2 : 1)) === IDLE;
  const byte = data.reduce((sum, bit, place) => sum | (bit << place), 0);
  return { byte, isBad: isParityWrong || !hasStop };
}

function characterBits(format: LineFormat): number {
  return DATA_BITS + (parityOf(format) === 'none' ? 2 : 3);
}

function parityBit(data: readonly number[], format: LineFormat): number {
  const isOdd = data.reduce((sum, bit) => sum ^ bit, 0);
  return parityOf(format) === 'even' ? isOdd : isOdd ^ 1;
}

function parityOf(format: LineFormat): 'none' | 'even' | 'odd' {
  return format.parity ?? 'none';
}

/** The first moment from `time` on at which the level falls; the end when it falls no more. */
function nextEdge(levels: readonly number[], time: number): number {
  for (let at = Math.ceil(time); at < levels.length; at += 1) {
    if (levels[at] === 0 && (at === 0 || levels[at - 1] === IDLE)) return at;
  }
  return levels.length;
}
