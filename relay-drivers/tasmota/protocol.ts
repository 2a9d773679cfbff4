import type { Outgoing, PlugProtocol, PlugWord } from '../plugs/protocol.ts';
import { field, type JsonObject, objectIn, parseObject } from '../plugs/words/json.ts';
import { Presence } from '../plugs/words/presence.ts';
import { textIn } from '../plugs/words/text.ts';
import type { MqttMessage } from '../transport/mqtt.ts';
import { readingsIn } from './energy.ts';
import type { TasmotaSettings } from './settings.ts';
import { channelOf, stateIn, statesIn, uptimeIn } from './states.ts';
import { type TasmotaTopics, tasmotaTopics } from './topics.ts';

/** Asked with `STATUS 8`; TelePeriod, 300 s from the factory, does not matter then (wire-formats C1). */
const POWER_EVERY_MS = 60_000;
/** The firmware counts by a clock that is set now and then: so much back is no restart. */
const CLOCK_STEP_S = 5;

/** Why it switched off by itself: `stat/.../WARNING` where PowerMonitor or EnergyMonitor is built in. */
const WARNINGS: ReadonlyMap<string, string> = new Map([
  ['MaxPowerReached', 'overpower: its MaxPower was reached'],
  ['MaxEnergyReached', 'its MaxEnergy of a day was reached'],
]);

export function createTasmota(settings: TasmotaSettings): PlugProtocol {
  const device = new TasmotaDevice(settings);
  const { cmnd, stat, tele } = tasmotaTopics(settings);
  return {
    channels: settings.channels,
    filters: [...new Set([`${stat}+`, `${tele}+`])],
    hear: (message) => device.hear(message),
    // ON and OFF are taken whatever StateText says; POWER1 by a device of one relay, too.
    command: (channel, isOn) => ({ topic: `${cmnd}POWER${channel}`, payload: isOn ? 'ON' : 'OFF' }),
    numbersAnswers: false,
    queries: () => queriesOf(cmnd, settings.power),
    powerEveryMs: settings.power ? POWER_EVERY_MS : null,
    timeoutMs: settings.timeout_ms,
  };
}

/** An empty POWER is a question (wire-formats C1), and POWER0 is every relay. */
function queriesOf(cmnd: string, hasPower: boolean): readonly Outgoing[] {
  const relays = { topic: `${cmnd}POWER0`, payload: '' };
  return hasPower ? [relays, { topic: `${cmnd}STATUS`, payload: '8' }] : [relays];
}

class TasmotaDevice {
  readonly #settings: TasmotaSettings;
  readonly #topics: TasmotaTopics;
  readonly #presence = new Presence();
  #uptimeS = 0;

  constructor(settings: TasmotaSettings) {
    this.#settings = settings;
    this.#topics = tasmotaTopics(settings);
  }

  hear(message: MqttMessage): readonly PlugWord[] {
    const { stat, tele } = this.#topics;
    const { topic } = message;
    if (topic === `${tele}LWT`) return this.#will(textIn(message.payload));
    const words = [
      ...(topic.startsWith(tele) ? this.#hearTele(topic.slice(tele.length), message) : []),
      ...(topic.startsWith(stat) ? this.#hearStat(topic.slice(stat.length), message) : []),
    ];
    // Who speaks is there, whatever became of its retained LWT.
    return words.length > 0 && !message.isRetained ? [...this.#presence.spoke(), ...words] : words;
  }

  #hearTele(name: string, message: MqttMessage): readonly PlugWord[] {
    switch (name) {
      case 'STATE':
      case 'SENSOR':
        return this.#told(message);
      case 'INFO1':
        return this.#born(message);
      default:
        return [];
    }
  }

  /** With SetOption4 answers have the command's name: `stat/.../POWER2` is JSON, and plain text as well. */
  #hearStat(name: string, message: MqttMessage): readonly PlugWord[] {
    if (name === 'WARNING') return warningIn(message);
    if (/^(RESULT|STATE|STATUS(0|8|10|11))$/.test(name)) return this.#told(message);
    const channel = channelOf(name, this.#settings.channels);
    if (channel === null) return [];
    const isOn = stateIn(textIn(message.payload) ?? undefined, this.#settings.states);
    return isOn === null ? this.#told(message) : [{ kind: 'relay', channel, isOn }];
  }

  #will(text: string | null): readonly PlugWord[] {
    const { offline, online } = this.#settings.lwt;
    return text === online || text === offline ? this.#presence.told(text === online) : [];
  }

  /** INFO1 comes once after each start, at the first connection; InfoRetain keeps it, and then it says nothing new. */
  #born({ isRetained }: MqttMessage): readonly PlugWord[] {
    if (isRetained) return [];
    this.#uptimeS = 0;
    return [{ kind: 'restarted' }];
  }

  /** States and readings stand in the object itself, or in what STATUS 0, 8, 10 and 11 wrap them in. */
  #told({ payload, isRetained }: MqttMessage): readonly PlugWord[] {
    const whole = parseObject(payload);
    if (!whole) return [];
    const state = objectIn(field(whole, 'StatusSTS')) ?? whole;
    const sensors = objectIn(field(whole, 'StatusSNS')) ?? whole;
    const restarted: PlugWord[] = !isRetained && this.#hasRestarted(state) ? [{ kind: 'restarted' }] : [];
    return [...restarted, ...this.#relays(state), ...this.#powers(sensors)];
  }

  #hasRestarted(state: JsonObject): boolean {
    const uptimeS = uptimeIn(state);
    if (uptimeS === null) return false;
    const isLess = uptimeS + CLOCK_STEP_S < this.#uptimeS;
    this.#uptimeS = uptimeS;
    return isLess;
  }

  #relays(state: JsonObject): readonly PlugWord[] {
    const { channels, states } = this.#settings;
    return statesIn(state, channels, states).map(([channel, isOn]) => ({ kind: 'relay', channel, isOn }));
  }

  #powers(sensors: JsonObject): readonly PlugWord[] {
    if (!this.#settings.power) return [];
    const readings = readingsIn(field(sensors, 'ENERGY'), this.#settings.channels);
    return readings.flatMap((reading, index) => (reading ? [{ kind: 'power', channel: index + 1, reading }] : []));
  }
}

function warningIn({ payload }: MqttMessage): readonly PlugWord[] {
  const warning = parseObject(payload);
  if (!warning) return [];
  return [...WARNINGS]
    .filter(([name]) => field(warning, name) !== undefined)
    .map(([, what]) => ({ kind: 'trouble', channel: null, what }));
}
