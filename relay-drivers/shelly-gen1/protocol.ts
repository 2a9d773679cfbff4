import type { Outgoing, PlugProtocol, PlugWord } from '../plugs/protocol.ts';
import { at, field, type JsonObject, listIn, parseObject } from '../plugs/words/json.ts';
import { Presence } from '../plugs/words/presence.ts';
import { mwhOfWattMinutes, numberIn, onePhase, thousandths } from '../plugs/words/quantities.ts';
import { textIn } from '../plugs/words/text.ts';
import { Uptime } from '../plugs/words/uptime.ts';
import type { MqttMessage } from '../transport/mqtt.ts';
import type { ShellyGen1Settings } from './settings.ts';

/** Its update period, which is 30 s from the factory (wire-formats C2). */
const POWER_EVERY_MS = 30_000;

/** `relay/0`, `relay/0/power`; relays count from 0 there. */
const RELAY_TOPIC = /^relay\/(\d)(?:\/(power|energy))?$/;

/** A Shelly of the first generation (wire-formats C2). */
export function createShellyGen1(settings: ShellyGen1Settings): PlugProtocol {
  const { prefix, channels, power, timeout_ms: timeoutMs } = settings;
  const device = new ShellyGen1(settings);
  return {
    channels,
    filters: ['online', 'relay/+', 'relay/+/power', 'relay/+/energy', 'info', 'overtemperature'].map(
      (name) => `${prefix}/${name}`,
    ),
    hear: (message) => device.hear(message),
    command: (channel, isOn) => ({ topic: `${prefix}/relay/${channel - 1}/command`, payload: isOn ? 'on' : 'off' }),
    numbersAnswers: false,
    queries: () => queriesOf(prefix),
    powerEveryMs: power ? POWER_EVERY_MS : null,
    timeoutMs,
  };
}

/** `update` makes it tell every relay and meter; `announce` would tell only what it is, which does not change. */
function queriesOf(prefix: string): readonly Outgoing[] {
  return [{ topic: `${prefix}/command`, payload: 'update' }];
}

class ShellyGen1 {
  readonly #settings: ShellyGen1Settings;
  readonly #presence = new Presence();
  readonly #uptime = new Uptime();
  /** By channel, as the counter stands: it begins at 0 with each start of the device. */
  readonly #energyMwh = new Map<number, number>();
  /** Channels that switched themselves off, so that each update does not tell it again. */
  readonly #overpowered = new Set<number>();
  #isTooHot = false;

  constructor(settings: ShellyGen1Settings) {
    this.#settings = settings;
  }

  hear(message: MqttMessage): readonly PlugWord[] {
    const { topic, payload, isRetained } = message;
    const start = `${this.#settings.prefix}/`;
    if (!topic.startsWith(start)) return [];
    const name = topic.slice(start.length);
    if (name === 'online') return this.#online(textIn(payload));
    // With its option `retain` the broker has readings of any age: they are not even remembered.
    if (isRetained) return this.#keptRelay(name, textIn(payload));
    const words = this.#live(name, payload);
    return words.length > 0 ? [...this.#presence.spoke(), ...words] : [];
  }

  #live(name: string, payload: Uint8Array): PlugWord[] {
    if (name === 'info') return this.#info(parseObject(payload));
    const text = textIn(payload);
    if (name === 'overtemperature') return this.#heat(text === '1' ? true : text === '0' ? false : null);
    const { channel, quantity } = this.#relayOf(name);
    if (channel === null) return [];
    if (quantity === null) return this.#relay(channel, text);
    const number = numberIn(text) ?? undefined;
    return quantity === 'power' ? this.#power(channel, number) : this.#energy(channel, number);
  }

  /** It connects anew after each start, and then its counters are at 0. */
  #online(text: string | null): PlugWord[] {
    if (text !== 'true' && text !== 'false') return [];
    this.#energyMwh.clear();
    if (text === 'false') this.#uptime.forget();
    return this.#presence.told(text === 'true');
  }

  #keptRelay(name: string, text: string | null): PlugWord[] {
    const { channel, quantity } = this.#relayOf(name);
    if (channel === null || quantity !== null) return [];
    return stateWords(channel, text);
  }

  #relay(channel: number, text: string | null): PlugWord[] {
    const words = stateWords(channel, text);
    return words.length > 0 ? [...words, ...this.#overpower(channel, text === 'overpower')] : [];
  }

  #overpower(channel: number, isOverpowered: boolean): PlugWord[] {
    const isNews = isOverpowered && !this.#overpowered.has(channel);
    if (isOverpowered) this.#overpowered.add(channel);
    else this.#overpowered.delete(channel);
    return isNews ? [{ kind: 'trouble', channel, what: 'overpower' }] : [];
  }

  #heat(isTooHot: boolean | null): PlugWord[] {
    if (isTooHot === null) return [];
    const isNews = isTooHot && !this.#isTooHot;
    this.#isTooHot = isTooHot;
    return isNews ? [{ kind: 'trouble', channel: null, what: 'overheated' }] : [];
  }

  #power(channel: number, watts: number | undefined): PlugWord[] {
    const powerMw = thousandths(watts);
    if (powerMw === null || !this.#settings.power) return [];
    const energyImportMwh = this.#energyMwh.get(channel) ?? null;
    return [{ kind: 'power', channel, reading: onePhase({ powerMw, energyImportMwh }) }];
  }

  /** Comes by itself, behind the power: it is told with the next reading. */
  #energy(channel: number, wattMinutes: number | undefined): PlugWord[] {
    const energyMwh = mwhOfWattMinutes(wattMinutes);
    if (energyMwh !== null) this.#energyMwh.set(channel, energyMwh);
    return [];
  }

  /** The whole status: `relays`, and `meters` of the same length where each relay has its own. */
  #info(status: JsonObject | null): PlugWord[] {
    if (!status) return [];
    const restarted = this.#uptime.told(field(status, 'uptime'));
    if (restarted.length > 0) this.#energyMwh.clear();
    const heat = field(status, 'overtemperature');
    return [
      ...restarted,
      ...this.#channels().flatMap((channel) => this.#infoOf(channel, status)),
      ...this.#heat(typeof heat === 'boolean' ? heat : null),
    ];
  }

  #infoOf(channel: number, status: JsonObject): PlugWord[] {
    const name = String(channel - 1);
    const isOn = at(status, 'relays', name, 'ison');
    const isOverpowered = !isOn && at(status, 'relays', name, 'overpower') === true;
    const relay = typeof isOn === 'boolean' ? this.#relay(channel, stateText(isOn, isOverpowered)) : [];
    const meter = listIn(field(status, 'meters')) ? at(status, 'meters', name) : undefined;
    // A reading that the device itself does not trust is none.
    if (field(meter, 'is_valid') === false) return relay;
    this.#energy(channel, numberOf(field(meter, 'total')));
    return [...relay, ...this.#power(channel, numberOf(field(meter, 'power')))];
  }

  #relayOf(name: string): { channel: number | null; quantity: string | null } {
    const [, digit, quantity = null] = RELAY_TOPIC.exec(name) ?? [];
    const channel = Number(digit) + 1;
    return { channel: channel <= this.#settings.channels ? channel : null, quantity };
  }

  #channels(): number[] {
    return Array.from({ length: this.#settings.channels }, (_, index) => index + 1);
  }
}

/** `overpower` is a relay that switched itself off. */
function stateWords(channel: number, text: string | null): PlugWord[] {
  if (text !== 'on' && text !== 'off' && text !== 'overpower') return [];
  return [{ kind: 'relay', channel, isOn: text === 'on' }];
}

function stateText(isOn: boolean, isOverpowered: boolean): string {
  return isOverpowered ? 'overpower' : isOn ? 'on' : 'off';
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
