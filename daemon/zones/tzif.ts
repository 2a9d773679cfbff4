import { readRule } from './rule.ts';
import type { Zone } from './zone.ts';

/** RFC 9636, section 3.1. */
const HEADER_BYTES = 44;
const MAGIC = 0x545a6966;
/** From this version on a second block has times of 64 bits. */
const VERSION_2 = 0x32;
const TYPE_BYTES = 6;

interface Counts {
  readonly isUt: number;
  readonly isStd: number;
  readonly leaps: number;
  readonly times: number;
  readonly types: number;
  readonly chars: number;
}

/** A file of zoneinfo (RFC 9636), version 2 or later. Throws RangeError for anything else, and for one with leap seconds. */
export function readTzif(bytes: Uint8Array): Zone {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const second = HEADER_BYTES + blockBytes(countsAt(view, 0), 4);
  const counts = countsAt(view, second);
  if (counts.leaps > 0) throw new RangeError('a zone that counts leap seconds');
  const start = second + HEADER_BYTES;
  const footer = footerOf(bytes.subarray(start + blockBytes(counts, 8)));
  return zoneOf(timesAt(view, start, counts), offsetsAt(view, start, counts), footer);
}

function countsAt(view: DataView, at: number): Counts {
  if (view.getUint32(at) !== MAGIC || view.getUint8(at + 4) < VERSION_2) throw new RangeError('no zone file');
  const [isUt = 0, isStd = 0, leaps = 0, times = 0, types = 0, chars = 0] = [0, 1, 2, 3, 4, 5].map((i) =>
    view.getUint32(at + 20 + 4 * i),
  );
  return { isUt, isStd, leaps, times, types, chars };
}

function blockBytes({ isUt, isStd, leaps, times, types, chars }: Counts, timeBytes: number): number {
  return times * (timeBytes + 1) + types * TYPE_BYTES + chars + leaps * (timeBytes + 4) + isStd + isUt;
}

/** When something changes, in ms since 1970, in order. */
function timesAt(view: DataView, start: number, { times }: Counts): number[] {
  return Array.from({ length: times }, (_, i) => Number(view.getBigInt64(start + 8 * i)) * 1000);
}

/** The offset before the first change, and after each of them. */
function offsetsAt(view: DataView, start: number, { times, types }: Counts): number[] {
  const list = start + 9 * times;
  const offsets = Array.from({ length: types }, (_, i) => view.getInt32(list + TYPE_BYTES * i) * 1000);
  const after = Array.from({ length: times }, (_, i) => offsets[view.getUint8(start + 8 * times + i)] ?? 0);
  return [offsets[0] ?? 0, ...after]; // section 3.2: type 0 before the first
}

/** Between two line ends (section 3.3); empty where nothing is known of the time after the last change. */
function footerOf(bytes: Uint8Array): string {
  const [, rule] = /^\n(.*)\n$/.exec(String.fromCharCode(...bytes)) ?? [];
  if (rule === undefined) throw new RangeError('a zone file that is cut off');
  return rule;
}

function zoneOf(times: readonly number[], offsets: readonly number[], footer: string): Zone {
  const rule = footer === '' ? null : readRule(footer);
  const lastMs = times.at(-1) ?? Number.NEGATIVE_INFINITY;
  return {
    offsetMsAt: (atMs) =>
      rule !== null && atMs >= lastMs ? rule.offsetMsAt(atMs) : (offsets[before(times, atMs)] ?? 0),
  };
}

/** How many of them are not later. */
function before(times: readonly number[], atMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
