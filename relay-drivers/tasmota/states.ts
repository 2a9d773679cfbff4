import { field, type Json, type JsonObject } from '../plugs/words/json.ts';

/** StateText1 and 2. */
export interface StateTexts {
  readonly off: string;
  readonly on: string;
}

/** What the firmware takes for a state, whatever its StateTexts. */
const COMMON: ReadonlyMap<string, boolean> = new Map([
  ['ON', true],
  ['1', true],
  ['OFF', false],
  ['0', false],
]);

/** Null: it tells no state (`BLINK ON`, `HOLD`, the `invalid` of a recording). */
export function stateIn(value: Json | undefined, { off, on }: StateTexts): boolean | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return null;
  if (text === on) return true;
  if (text === off) return false;
  return COMMON.get(text.toUpperCase()) ?? null;
}

const POWER = /^POWER(\d{0,2})$/;

/** `POWER2` is channel 2, `POWER` channel 1 (a device of one relay says `POWER1` with SetOption26). Null: none of `channels`. */
export function channelOf(name: string, channels: number): number | null {
  const [match, digits] = POWER.exec(name) ?? [];
  if (match === undefined) return null;
  const channel = digits ? Number(digits) : 1;
  return channel >= 1 && channel <= channels ? channel : null;
}

/** The channels whose state an object tells, in their order. */
export function statesIn(object: JsonObject, channels: number, texts: StateTexts): [channel: number, isOn: boolean][] {
  const found = new Map<number, boolean>();
  for (let channel = channels; channel >= 1; channel -= 1) {
    const told = stateIn(
      field(object, `POWER${channel}`) ?? (channel === 1 ? field(object, 'POWER') : undefined),
      texts,
    );
    if (told !== null) found.set(channel, told);
  }
  return [...found].reverse();
}

/** Seconds since it started: `UptimeSec` or, in older firmware, `Uptime` (`9T09:29:01`). */
export function uptimeIn(object: JsonObject): number | null {
  const seconds = field(object, 'UptimeSec');
  if (typeof seconds === 'number') return seconds;
  const text = field(object, 'Uptime');
  const parts = typeof text === 'string' ? /^(\d{1,5})T(\d\d):(\d\d):(\d\d)$/.exec(text) : null;
  if (!parts) return null;
  const [, days, hours, minutes, rest] = parts.map(Number);
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (rest ?? 0);
}
