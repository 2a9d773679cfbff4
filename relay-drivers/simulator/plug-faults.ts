import { BadInput, fieldsOf, trueOrFalse, wholeNumber } from './bad-input.ts';
import type { Random } from './spoil.ts';

/** The switches for faults of a plug; the names are those of `POST /plugs/:name/faults`. Probabilities lie between 0 and 1. */
export interface PlugFaults {
  /** A message, to the plug or from it, is lost. */
  readonly drop: number;
  readonly drop_requests: number;
  readonly drop_replies: number;
  /** It comes twice: a command is carried out twice, a state is heard twice. */
  readonly duplicate: number;
  readonly duplicate_requests: number;
  readonly duplicate_replies: number;
  /** What it says leaves this much later. */
  readonly delay_ms: number;
  /** The connection stands and nothing is said. What came meanwhile is obeyed afterwards, unless the connection was cut. */
  readonly freeze: boolean;
  /** The connection is reset, and there is none until this is taken away. */
  readonly vanish: boolean;
  /** Outputs that no longer move; the plug says so. */
  readonly stuck: readonly number[];
  /** Outputs that no longer move, though the plug says that they do. */
  readonly pretends: readonly number[];
  /** The plug says the opposite of what it did. */
  readonly contrary: readonly number[];
  /** Contacts that stay closed once they are, whatever the output does. */
  readonly welded: readonly number[];
}

/** A message that somebody's old automation keeps for this plug. */
export interface Ghost {
  readonly topic: string;
  readonly payload: string;
}

/** What can be asked of the switches: any of them, and two things that happen once. */
export interface PlugFaultChange extends Partial<PlugFaults> {
  /** Loses power for this long; with 0 there is none. */
  readonly power_cut?: number;
  /** Published retained, over the plug's own connection. */
  readonly ghost?: Ghost;
}

export const NO_PLUG_FAULTS: PlugFaults = {
  drop: 0,
  drop_requests: 0,
  drop_replies: 0,
  duplicate: 0,
  duplicate_requests: 0,
  duplicate_replies: 0,
  delay_ms: 0,
  freeze: false,
  vanish: false,
  stuck: [],
  pretends: [],
  contrary: [],
  welded: [],
};

const FIELDS = [...Object.keys(NO_PLUG_FAULTS), 'power_cut', 'ghost'];
const MAX_DELAY_MS = 60_000;
const MAX_POWER_CUT_MS = 600_000;
const BROWN_OUT_MS = 500;
const MAX_TEXT = 1000;

/** Reads a change that somebody sent; throws `BadInput`. Fields that are absent stay as they are. */
export function parsePlugFaults(value: unknown, channels: number): PlugFaultChange {
  const fields = fieldsOf(value, FIELDS);
  const parsed = Object.entries(fields).map(([name, field]) => [name, parseField(name, field, channels)]);
  return Object.fromEntries(parsed);
}

function parseField(name: string, value: unknown, channels: number): number | boolean | number[] | Ghost {
  switch (name) {
    case 'delay_ms':
      return wholeNumber(value, name, 0, MAX_DELAY_MS);
    case 'power_cut':
      return typeof value === 'boolean' ? Number(value) * BROWN_OUT_MS : wholeNumber(value, name, 0, MAX_POWER_CUT_MS);
    case 'freeze':
    case 'vanish':
      return trueOrFalse(value, name);
    case 'stuck':
    case 'pretends':
    case 'contrary':
    case 'welded':
      return channelList(value, name, channels);
    case 'ghost':
      return ghostOf(value);
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

function ghostOf(value: unknown): Ghost {
  const { topic, payload } = fieldsOf(value, ['topic', 'payload']);
  return { topic: text(topic, 'ghost.topic', 1), payload: text(payload, 'ghost.payload', 0) };
}

function text(value: unknown, path: string, least: number): string {
  if (typeof value === 'string' && value.length >= least && value.length <= MAX_TEXT) return value;
  throw new BadInput(path, `expected text of ${least} to ${MAX_TEXT} characters`);
}

/** What becomes of a message on its way: none of it, itself, or two of it. */
export function copiesOf(way: 'requests' | 'replies', faults: PlugFaults, random: Random): 0 | 1 | 2 {
  if (strikes(Math.max(faults.drop, faults[`drop_${way}`]), random)) return 0;
  return strikes(Math.max(faults.duplicate, faults[`duplicate_${way}`]), random) ? 2 : 1;
}

/** Draws nothing for what is certain, so that a world without faults leaves the random numbers alone. */
function strikes(chance: number, random: Random): boolean {
  if (chance <= 0) return false;
  return chance >= 1 || random() < chance;
}
