import type { Outgoing, PlugProtocol, PlugWord } from '../plugs/protocol.ts';
import { KeptStates } from '../plugs/words/kept-states.ts';
import type { MqttMessage } from '../transport/mqtt.ts';
import { ChannelMeter } from './meter.ts';
import type { GenericMqttSettings } from './settings.ts';
import { Told } from './told.ts';

/** A device of which the configuration says what its topics and payloads are. */
export function createGenericMqtt(settings: GenericMqttSettings): PlugProtocol {
  const device = new GenericDevice(settings);
  const { channels } = settings;
  const queries = distinct(channels.flatMap(({ query }) => query ?? []));
  return {
    channels: channels.length,
    filters: topicsOf(settings),
    hear: (message) => device.hear(message),
    command: (channel, isOn) => commandOf(settings, channel, isOn),
    numbersAnswers: false,
    queries: () => queries,
    powerEveryMs: channels.some(({ power }) => power) ? settings.power_every_s * 1000 : null,
    timeoutMs: settings.timeout_ms,
  };
}

class GenericDevice {
  readonly #settings: GenericMqttSettings;
  readonly #states = new KeptStates();
  readonly #meters: readonly ChannelMeter[];

  constructor(settings: GenericMqttSettings) {
    this.#settings = settings;
    this.#meters = settings.channels.map((sources) => new ChannelMeter(sources));
  }

  hear(message: MqttMessage): readonly PlugWord[] {
    const told = new Told(message.payload);
    return [
      ...this.#presence(message, told),
      ...this.#settings.channels.flatMap((_, index) => this.#channel(index, message, told)),
    ];
  }

  #presence({ topic, isRetained }: MqttMessage, told: Told): readonly PlugWord[] {
    const { availability } = this.#settings;
    if (topic !== availability?.topic) return [];
    const word = told.text(availability.path);
    if (word !== availability.online && word !== availability.offline) return [];
    const isOnline = word === availability.online;
    return [{ kind: 'presence', isOnline }, ...this.#states.presence(isOnline, isRetained)];
  }

  #channel(index: number, { topic, isRetained }: MqttMessage, told: Told): readonly PlugWord[] {
    const state = this.#settings.channels[index]?.state;
    const word = topic === state?.topic ? told.text(state.path) : null;
    const isTold = word !== null && (word === state?.on || word === state?.off);
    const relay = isTold ? this.#states.state(index + 1, word === state?.on, isRetained) : [];
    const reading = this.#meters[index]?.hear(topic, told) ?? null;
    return reading ? [...relay, { kind: 'power', channel: index + 1, reading }] : relay;
  }
}

function commandOf({ channels }: GenericMqttSettings, channel: number, isOn: boolean): Outgoing {
  const command = channels[channel - 1]?.command;
  return { topic: command?.topic ?? '', payload: (isOn ? command?.on : command?.off) ?? '' };
}

function topicsOf({ channels, availability }: GenericMqttSettings): readonly string[] {
  const sources = channels.flatMap(({ state, power, voltage, current, energy }) => [
    state,
    ...[power, voltage, current, energy],
  ]);
  return [...new Set([...sources, availability].flatMap((source) => source?.topic ?? []))];
}

/** One question may be for several channels. */
function distinct(questions: readonly Outgoing[]): readonly Outgoing[] {
  const seen = new Map(questions.map((question) => [JSON.stringify([question.topic, question.payload]), question]));
  return [...seen.values()];
}
