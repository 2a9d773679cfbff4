import type { PlugBody, PlugFirmware, PlugFlavour, Said } from '../simulator/plug-twin.ts';
import type { GenericMqttEntry } from './settings.ts';

/** A plug of nobody's make: one topic in JSON for each relay, a question for it, and a last will. */
export const genericMqttTwin: PlugFlavour = (name, channels) => new GenericFirmware(name, channels, true);

/** One that answers no question: it tells each change by itself, retained. */
export const genericTellingTwin: PlugFlavour = (name, channels) => new GenericFirmware(name, channels, false);

/** The `buses` entry by which the hub can switch it. */
export function genericMqttEntry(id: string, name: string, channels: number, isAsked = true): GenericMqttEntry {
  return {
    id,
    driver: 'generic-mqtt',
    channels: Array.from({ length: channels }, (_, index) => {
      const topic = `${name}/${index + 1}`;
      return {
        command: { topic: `${topic}/set`, on: '{"on":true}', off: '{"on":false}' },
        state: { topic, path: 'on', on: 'true', off: 'false' },
        ...(isAsked && { query: { topic: `${topic}/get` } }),
        power: { topic, path: 'meter.0' },
        voltage: { topic, path: 'meter.1' },
        energy: { topic, path: 'wh', scale: 0.001 },
      };
    }),
    availability: { topic: `${name}/availability` },
  };
}

class GenericFirmware implements PlugFirmware {
  readonly will: Said;
  readonly filters: readonly string[];
  readonly reportEveryMs = 10_000;
  readonly #name: string;
  readonly #channels: readonly number[];
  readonly #isAsked: boolean;

  constructor(name: string, channels: number, isAsked: boolean) {
    this.#isAsked = isAsked;
    this.#name = name;
    this.#channels = Array.from({ length: channels }, (_, index) => index + 1);
    this.will = { topic: `${name}/availability`, payload: 'offline', isRetained: true };
    this.filters = [`${name}/+/set`, ...(isAsked ? [`${name}/+/get`] : [])];
  }

  connected(body: PlugBody): readonly Said[] {
    return [{ topic: `${this.#name}/availability`, payload: 'online', isRetained: true }, ...this.report(body)];
  }

  received(topic: string, payload: string, body: PlugBody): readonly Said[] {
    const [channel, what] = topic.slice(this.#name.length + 1).split('/');
    const number = Number(channel);
    if (!this.#channels.includes(number)) return [];
    const was = body.isOn(number);
    if (what === 'set') body.set(number, payload === '{"on":true}');
    // `changed` tells it where it did change.
    return this.#isAsked && body.isOn(number) === was ? [this.#state(number, body)] : [];
  }

  changed(channel: number, body: PlugBody): readonly Said[] {
    return [this.#state(channel, body)];
  }

  report(body: PlugBody): readonly Said[] {
    return this.#channels.map((channel) => this.#state(channel, body));
  }

  #state(channel: number, body: PlugBody): Said {
    const told = {
      on: body.isOn(channel),
      meter: [Number(body.powerW(channel).toFixed(1)), body.voltageV],
      wh: Math.round(body.energyWh(channel)),
    };
    return { topic: `${this.#name}/${channel}`, payload: JSON.stringify(told), isRetained: !this.#isAsked };
  }
}
