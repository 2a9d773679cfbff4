import { BadInput, fieldsOf, trueOrFalse, wholeNumber } from './bad-input.ts';

/** The switches for faults; the names are those of `POST /faults`. Probabilities lie between 0 and 1. */
export interface Faults {
  /** A frame, request or reply, is lost. */
  readonly drop: number;
  readonly drop_requests: number;
  readonly drop_replies: number;
  /** One byte of it is changed, so that its CRC is wrong. */
  readonly corrupt: number;
  readonly corrupt_requests: number;
  readonly corrupt_replies: number;
  /** It comes twice: a request is carried out twice, a reply is heard twice. */
  readonly duplicate: number;
  readonly duplicate_requests: number;
  readonly duplicate_replies: number;
  /** Replies leave this much later. */
  readonly delay_ms: number;
  /** Outputs that no longer move, though the writes are acknowledged. */
  readonly stuck: readonly number[];
  /** Contacts that stay closed once they are, whatever the register says. */
  readonly welded: readonly number[];
  /** The board neither hears nor answers. */
  readonly mute: boolean;
}

/** What can be asked of the switches: any of them, and two things that happen once. */
export interface FaultChange extends Partial<Faults> {
  /** Says the power-up text now. */
  readonly banner?: boolean;
  /** Loses power for this long; with 0 there is none. */
  readonly power_cut?: number;
}

export const NO_FAULTS: Faults = {
  drop: 0,
  drop_requests: 0,
  drop_replies: 0,
  corrupt: 0,
  corrupt_requests: 0,
  corrupt_replies: 0,
  duplicate: 0,
  duplicate_requests: 0,
  duplicate_replies: 0,
  delay_ms: 0,
  stuck: [],
  welded: [],
  mute: false,
};

const FIELDS = [...Object.keys(NO_FAULTS), 'banner', 'power_cut'];
const MAX_DELAY_MS = 60_000;
const MAX_POWER_CUT_MS = 600_000;
/** `power_cut: true`: a brown-out, long enough to miss an exchange or two. */
const BROWN_OUT_MS = 500;

/** Reads a change that somebody sent; throws `BadInput`. Fields that are absent stay as they are. */
export function parseFaultChange(value: unknown, channels: number): FaultChange {
  const fields = fieldsOf(value, FIELDS);
  const parsed = Object.entries(fields).map(([name, field]) => [name, parseField(name, field, channels)]);
  return Object.fromEntries(parsed);
}

function parseField(name: string, value: unknown, channels: number): number | boolean | number[] {
  switch (name) {
    case 'delay_ms':
      return wholeNumber(value, name, 0, MAX_DELAY_MS);
    case 'power_cut':
      return typeof value === 'boolean' ? Number(value) * BROWN_OUT_MS : wholeNumber(value, name, 0, MAX_POWER_CUT_MS);
    case 'stuck':
    case 'welded':
      return channelList(value, name, channels);
    case 'mute':
    case 'banner':
      return trueOrFalse(value, name);
    default:
      return probability(value, name);
  }
}

function probability(value: unknown, path: string): number {
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number === 'number' && number >= 0 && number <= 1) return number;
  throw new BadInput(path, 'expected a probability from 0 to 1, or true or false');
}

function channelList(value: unknown, path: string, channels: number): number[] {
  if (!Array.isArray(value)) throw new BadInput(path, 'expected a list of channels');
  return [...new Set(value.map((channel, index) => wholeNumber(channel, `${path}.${index}`, 1, channels)))];
}
