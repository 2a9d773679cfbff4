import type { Outgoing, PlugProtocol, PlugWord } from '../plugs/protocol.ts';
import { KeptStates } from '../plugs/words/kept-states.ts';
import { Presence } from '../plugs/words/presence.ts';
import { mwhOfKwh, numberIn, onePhase, thousandths } from '../plugs/words/quantities.ts';
import { textIn } from '../plugs/words/text.ts';
import type { MqttMessage } from '../transport/mqtt.ts';
import type { EsphomeSettings } from './settings.ts';
import {
  announcementTopic,
  commandTopic,
  DISCOVER_TOPIC,
  pingTopic,
  sensorTopic,
  statusTopic,
  switchTopic,
} from './topics.ts';

/** `update_interval` of a sensor, where its user did not set another. */
const POWER_EVERY_MS = 60_000;

/** A node of today answers both of these: the one that asks whether it is there, and the one once it settled (plugs/life.ts). */
const PINGS = 2;

/** What a topic tells of a channel. */
interface Source {
  readonly kind: 'switch' | 'power' | 'energy';
  readonly channel: number;
}

/** A node tells each change of a switch, retained, and cannot be asked more than whether it is there. */
export function createEsphome(settings: EsphomeSettings): PlugProtocol {
  const node = new EsphomeNode(settings);
  const { prefix, name = prefix, switches } = settings;
  return {
    channels: switches.length,
    filters: node.topics,
    hear: (message) => node.hear(message),
    command: (channel, isOn) => ({
      topic: commandTopic(prefix, switches[channel - 1]?.switch ?? ''),
      payload: isOn ? 'ON' : 'OFF',
    }),
    numbersAnswers: false,
    queries: () => [],
    knocks: (count) => knocksAt(name, count),
    powerEveryMs: switches.some(({ power }) => power !== undefined) ? POWER_EVERY_MS : null,
    timeoutMs: settings.timeout_ms,
  };
}

/** All nodes answer `esphome/discover`: with a hundred of them that is asked only where the node does not answer its own. */
function knocksAt(name: string, count: number): readonly Outgoing[] {
  const ping = { topic: pingTopic(name), payload: '' };
  return count <= PINGS ? [ping] : [ping, { topic: DISCOVER_TOPIC, payload: '' }];
}

class EsphomeNode {
  readonly #status: string;
  readonly #announcement: string;
  /** One sensor may measure several switches. */
  readonly #sources: ReadonlyMap<string, readonly Source[]>;
  readonly #presence = new Presence();
  readonly #states = new KeptStates();
  #energyMwh: (number | null)[] = [];

  constructor({ prefix, name = prefix, switches }: EsphomeSettings) {
    this.#status = statusTopic(prefix);
    this.#announcement = announcementTopic(name);
    const sources = new Map<string, Source[]>();
    const add = (topic: string, source: Source) => sources.set(topic, [...(sources.get(topic) ?? []), source]);
    for (const [index, entry] of switches.entries()) {
      const channel = index + 1;
      add(switchTopic(prefix, entry.switch), { kind: 'switch', channel });
      if (entry.power !== undefined) add(sensorTopic(prefix, entry.power), { kind: 'power', channel });
      if (entry.energy !== undefined) add(sensorTopic(prefix, entry.energy), { kind: 'energy', channel });
    }
    this.#sources = sources;
  }

  get topics(): readonly string[] {
    return [this.#status, this.#announcement, ...this.#sources.keys()];
  }

  hear(message: MqttMessage): readonly PlugWord[] {
    const { topic, payload, isRetained } = message;
    // Also said when it connects, before its birth and its states.
    if (topic === this.#announcement) return isRetained || payload.length === 0 ? [] : [{ kind: 'here' }];
    const text = textIn(payload);
    if (topic === this.#status) return this.#will(text, isRetained);
    const sources = this.#sources.get(topic);
    if (!sources || text === null) return [];
    const there = isRetained ? [] : this.#spoke();
    return [...there, ...sources.flatMap((source) => this.#told(source, text, isRetained))];
  }

  #will(text: string | null, isRetained: boolean): readonly PlugWord[] {
    if (text !== 'online' && text !== 'offline') return [];
    const isOnline = text === 'online';
    if (!isOnline) this.#energyMwh = [];
    // Its birth, and no will came before: what was sent to its last connection will never arrive.
    const isReborn = isOnline && !isRetained && this.#states.isOnline;
    const reborn: PlugWord[] = isReborn ? [{ kind: 'restarted' }] : [];
    return [...reborn, ...this.#presence.told(isOnline), ...this.#states.presence(isOnline, isRetained)];
  }

  /** Live messages come from a node that is there, whatever became of its retained status. */
  #spoke(): readonly PlugWord[] {
    if (!this.#states.isOnline) this.#states.presence(true, false);
    return this.#presence.spoke();
  }

  #told({ kind, channel }: Source, text: string, isRetained: boolean): readonly PlugWord[] {
    if (kind === 'switch')
      return text === 'ON' || text === 'OFF' ? this.#states.state(channel, text === 'ON', isRetained) : [];
    // `nan`: it has not measured yet.
    const value = numberIn(text);
    if (kind === 'power') return this.#measured(channel, thousandths(value));
    this.#energyMwh[channel - 1] = mwhOfKwh(value);
    return [];
  }

  /** Energy comes by itself; it is told with the next power. */
  #measured(channel: number, powerMw: number | null): readonly PlugWord[] {
    if (powerMw === null || !this.#states.isOnline) return [];
    const energyImportMwh = this.#energyMwh[channel - 1] ?? null;
    return [{ kind: 'power', channel, reading: onePhase({ powerMw, energyImportMwh }) }];
  }
}
