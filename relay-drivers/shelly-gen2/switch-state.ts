import type { PlugWord } from '../plugs/protocol.ts';
import { at, field, type JsonObject, listIn } from '../plugs/words/json.ts';
import { onePhase, thousandths } from '../plugs/words/quantities.ts';

/** Why it switches off by itself, as `errors` and `source` name it, and what that means. */
const PROTECTIONS: ReadonlyMap<unknown, string> = new Map([
  ['overpower', 'overpower'],
  ['overcurrent', 'overcurrent'],
  ['overvoltage', 'overvoltage'],
  ['undervoltage', 'undervoltage'],
  ['overtemp', 'overheated'],
]);

/** Where the quantities of a reading stand in the status of a `switch:N`. V, A, Wh. */
const MEASURED = {
  voltageMv: ['voltage'],
  currentMa: ['current'],
  energyImportMwh: ['aenergy', 'total'],
  energyExportMwh: ['ret_aenergy', 'total'],
} as const;

type Measured = Partial<Record<keyof typeof MEASURED, number>>;

/** One relay: what it told, message laid over message. A message without `apower` says nothing about power, and is no reading. */
export class SwitchState {
  readonly channel: number;
  readonly #hasMeter: boolean;
  #measured: Measured = {};
  /** What was said of it since it was last on: each status repeats it. */
  readonly #reasons = new Set<string>();

  constructor(channel: number, hasMeter: boolean) {
    this.channel = channel;
    this.#hasMeter = hasMeter;
  }

  /** All that it has: what is absent there, it has not. */
  whole(told: JsonObject): PlugWord[] {
    this.#measured = {};
    return this.overlay(told);
  }

  /** What changed. */
  overlay(told: JsonObject): PlugWord[] {
    this.#measured = { ...this.#measured, ...measuredIn(told) };
    const isOn = field(told, 'output');
    const relay: PlugWord[] = typeof isOn === 'boolean' ? [{ kind: 'relay', channel: this.channel, isOn }] : [];
    return [...relay, ...this.#power(told), ...this.#trouble(told, isOn === true)];
  }

  #power(told: JsonObject): PlugWord[] {
    const powerMw = thousandths(field(told, 'apower'));
    if (powerMw === null || !this.#hasMeter) return [];
    return [{ kind: 'power', channel: this.channel, reading: onePhase({ ...this.#measured, powerMw }) }];
  }

  #trouble(told: JsonObject, isOn: boolean): PlugWord[] {
    if (isOn) this.#reasons.clear();
    const news = isOn ? [] : reasonsIn(told).filter((what) => !this.#reasons.has(what));
    for (const what of news) this.#reasons.add(what);
    return news.map((what) => ({ kind: 'trouble', channel: this.channel, what }));
  }
}

function measuredIn(told: JsonObject): Measured {
  const pairs = Object.entries(MEASURED).map(([name, path]) => [name, thousandths(at(told, ...path))] as const);
  return Object.fromEntries(pairs.filter(([, value]) => value !== null));
}

/** `errors` lists what is wrong now; `source` names who switched it last, which may have been its protection. */
function reasonsIn(told: JsonObject): string[] {
  const named = [...(listIn(field(told, 'errors')) ?? []), field(told, 'source')];
  return [...new Set(named.flatMap((name) => PROTECTIONS.get(name) ?? []))];
}
