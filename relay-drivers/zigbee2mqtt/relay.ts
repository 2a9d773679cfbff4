import type { PlugWord } from '../plugs/protocol.ts';
import { field, type Json, type JsonObject } from '../plugs/words/json.ts';
import { mwhOfKwh, onePhase, thousandths } from '../plugs/words/quantities.ts';
import { CachedPower } from './cache.ts';

/** `state`, or `state_l1` of a device with several relays. */
export function propertyOf(name: string, endpoint: string | null): string {
  return endpoint === null ? name : `${name}_${endpoint}`;
}

/** One relay of a device, as the states of the device tell of it. */
export class ZigbeeRelay {
  readonly #channel: number;
  readonly #endpoint: string | null;
  readonly #hasMeter: boolean;
  readonly #cached = new CachedPower();

  constructor(channel: number, endpoint: string | null, hasMeter: boolean) {
    this.#channel = channel;
    this.#endpoint = endpoint;
    this.#hasMeter = hasMeter;
  }

  asked(): void {
    this.#cached.asked();
  }

  hear(state: JsonObject): PlugWord[] {
    const said = this.#own(state, 'state');
    const isOn = said === 'ON' ? true : said === 'OFF' ? false : null;
    const relay: PlugWord[] = isOn === null ? [] : [{ kind: 'relay', channel: this.#channel, isOn }];
    return [...relay, ...this.#power(state, isOn)];
  }

  /** W, V, A, kWh; `power` is null while the bridge does not know it. A voltage may be that of all endpoints. */
  #power(state: JsonObject, isOn: boolean | null): PlugWord[] {
    const powerMw = thousandths(this.#own(state, 'power'));
    if (!this.#hasMeter || powerMw === null || !this.#cached.isOfNow(isOn, powerMw)) return [];
    const reading = onePhase({
      powerMw,
      voltageMv: thousandths(this.#own(state, 'voltage') ?? field(state, 'voltage')),
      currentMa: thousandths(this.#own(state, 'current')),
      energyImportMwh: mwhOfKwh(this.#own(state, 'energy')),
    });
    return [{ kind: 'power', channel: this.#channel, reading }];
  }

  #own(state: JsonObject, name: string): Json | undefined {
    return field(state, propertyOf(name, this.#endpoint));
  }
}
