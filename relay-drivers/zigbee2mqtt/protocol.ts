import type { Outgoing, PlugProtocol, PlugWord } from '../plugs/protocol.ts';
import { parseObject } from '../plugs/words/json.ts';
import { textIn } from '../plugs/words/text.ts';
import type { MqttMessage } from '../transport/mqtt.ts';
import { Availability, availabilityIn } from './availability.ts';
import { CachedStates } from './cache.ts';
import { propertyOf, ZigbeeRelay } from './relay.ts';
import type { Zigbee2mqttSettings } from './settings.ts';

/** Where it cannot be asked it reports what changed; the bridge repeats that with each state. */
const POWER_EVERY_MS = 60_000;

/** A relay on Zigbee, behind zigbee2mqtt (wire-formats C5). */
export function createZigbee2mqtt(settings: Zigbee2mqttSettings): PlugProtocol {
  const { base, name, endpoints, power, timeout_ms: timeoutMs } = settings;
  const topic = `${base}/${name}`;
  const device = new ZigbeePlug(settings);
  return {
    channels: Math.max(1, endpoints.length),
    filters: [`${base}/bridge/state`, topic, `${topic}/availability`],
    hear: (message) => device.hear(message),
    command: (channel, isOn) => ({
      topic: `${topic}/set`,
      payload: JSON.stringify({ [propertyOf('state', endpoints[channel - 1] ?? null)]: isOn ? 'ON' : 'OFF' }),
    }),
    numbersAnswers: false,
    queries: () => device.queries(),
    powerEveryMs: power ? POWER_EVERY_MS : null,
    timeoutMs,
  };
}

class ZigbeePlug {
  readonly #bridgeTopic: string;
  readonly #topic: string;
  readonly #wanted: string;
  readonly #availability = new Availability();
  readonly #cached: CachedStates;
  readonly #relays: readonly ZigbeeRelay[];

  constructor({ base, name, endpoints, power, power_get: canAsk }: Zigbee2mqttSettings) {
    this.#bridgeTopic = `${base}/bridge/state`;
    this.#topic = `${base}/${name}`;
    const all = endpoints.length > 0 ? endpoints : [null];
    this.#relays = all.map((endpoint, index) => new ZigbeeRelay(index + 1, endpoint, power));
    this.#cached = new CachedStates(all.length);
    // The state first: the bridge reads one after the other, and tells all that it has after each.
    const names = power && canAsk ? ['state', 'power'] : ['state'];
    const wanted = names.flatMap((what) => all.map((endpoint) => [propertyOf(what, endpoint), '']));
    this.#wanted = JSON.stringify(Object.fromEntries(wanted));
  }

  hear(message: MqttMessage): readonly PlugWord[] {
    switch (message.topic) {
      case this.#bridgeTopic:
        return this.#bridge(message);
      case `${this.#topic}/availability`:
        return this.#device(message);
      case this.#topic:
        return this.#state(message);
      default:
        return [];
    }
  }

  queries(): readonly Outgoing[] {
    for (const relay of this.#relays) relay.asked();
    const get = { topic: `${this.#topic}/get`, payload: this.#wanted };
    return Array.from({ length: this.#cached.asked() }, () => get);
  }

  /** Said live, it is a start; retained, it is one where it was not there before. */
  #bridge({ payload, isRetained }: MqttMessage): PlugWord[] {
    const isOnline = availabilityIn(payload, textIn(payload));
    if (isOnline === null) return [];
    const wasOffline = this.#availability.isBridgeOnline === false;
    const presence = this.#availability.bridge(isOnline);
    if (!isOnline || (isRetained && !wasOffline)) return presence;
    this.#cached.restarted();
    return [{ kind: 'restarted' }, ...presence];
  }

  #device({ payload }: MqttMessage): PlugWord[] {
    const isOnline = availabilityIn(payload, textIn(payload));
    return isOnline === null ? [] : this.#availability.device(isOnline);
  }

  /** A retained one is of any age. */
  #state({ payload, isRetained }: MqttMessage): PlugWord[] {
    const state = isRetained ? null : parseObject(payload);
    if (!state) return [];
    // What does not count is remembered all the same: what the bridge repeats later is known by it.
    const words = this.#relays.flatMap((relay) => relay.hear(state));
    return this.#cached.isTrue() ? words : [];
  }
}
