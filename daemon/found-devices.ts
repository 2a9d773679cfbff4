import { type PlugSettings, plugProtocol, plugSettings } from '../relay-drivers/plug-registry.ts';
import type { FoundPlug } from '../relay-drivers/plugs/protocol.ts';
import type { Event } from './core/events.ts';
import type { Device } from './core/model.ts';
import { channelKey, type State } from './core/state.ts';
import type { DiscoveredView } from './core/views.ts';
import type { HubPort } from './http/port.ts';
import type { Hub } from './hub.ts';

/** What was found on MQTT, and is there: a `Discovery`. */
export interface Finds {
  found(): readonly FoundPlug[];
  onChange(listener: () => void): () => void;
}

interface Parts {
  readonly hub: Pick<Hub, 'state' | 'onEvent'>;
  readonly finds: Finds;
  readonly isSimulated: (plug: FoundPlug) => boolean;
  /** The devices on MQTT that the configuration names; none when absent. */
  readonly configured?: readonly PlugSettings[];
}

type Found = Pick<HubPort, 'discovered' | 'adoptable' | 'onDiscovered'>;

/** Events after which a channel of a device may have another appliance, or none. */
const TOUCHING: ReadonlySet<Event['kind']> = new Set(['appliance_added', 'appliance_changed', 'appliance_removed']);

/** Longer names belong to nobody's kettle; an appliance's may have 100 characters, its channel's number among them. */
const NAME_CHARS = 90;

/** What was found beside what was adopted. */
export class FoundDevices implements Found {
  readonly #parts: Parts;
  /** By what was found or adopted: neither changes in place. */
  readonly #topics = new WeakMap<object, readonly string[]>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  discovered(): DiscoveredView[] {
    return this.#plugs().map((plug) => this.#view(plug));
  }

  /** One that was adopted stays as it was then: what is found later is anybody's word. */
  adoptable(id: string): Device | null {
    const plug = this.#plugs().find((one) => one.id === id);
    if (plug === undefined) return null;
    const isSimulated = this.#parts.isSimulated(plug);
    const { driver, settings, channels } = plug;
    return this.#state.devices.get(id) ?? { id, channels: channels.length, isSimulated, driver, settings };
  }

  onDiscovered(listener: () => void): () => void {
    const { hub, finds } = this.#parts;
    const ends = [
      finds.onChange(listener),
      hub.onEvent(({ kind }) => {
        if (TOUCHING.has(kind)) listener();
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  get #state(): State {
    return this.#parts.hub.state;
  }

  /**
   * What bears the id of a bus of the configuration cannot be adopted: it would be taken for that bus. Nor what is
   * switched by the messages of a bus under another id: one relay would have two appliances.
   */
  #plugs(): readonly FoundPlug[] {
    const buses = new Set(this.#state.household.buses.map(({ id }) => id));
    const owners = this.#owners();
    return this.#parts.finds.found().filter((plug) => {
      if (buses.has(plug.id) || plug.channels.length === 0) return false;
      return this.#topicsOf(plug).every((topic) => (owners.get(topic) ?? plug.id) === plug.id);
    });
  }

  /** Which bus listens to which commands. */
  #owners(): ReadonlyMap<string, string> {
    const entries = [...(this.#parts.configured ?? []), ...this.#state.devices.values()];
    return new Map(entries.flatMap((entry) => this.#topicsOf(entry).map((topic) => [topic, entry.id] as const)));
  }

  #topicsOf(entry: PlugSettings | Device | FoundPlug): readonly string[] {
    const known = this.#topics.get(entry);
    if (known !== undefined) return known;
    const topics = commandTopics(
      'settings' in entry ? { ...entry.settings, id: entry.id, driver: entry.driver } : entry,
    );
    this.#topics.set(entry, topics);
    return topics;
  }

  #view(plug: FoundPlug): DiscoveredView {
    const adopted = this.#state.devices.get(plug.id);
    const count = adopted?.channels ?? plug.channels.length;
    return {
      id: plug.id,
      driver: adopted?.driver ?? plug.driver,
      name: plainText(plug.name) ?? plug.id,
      model: plug.model === null ? null : plainText(plug.model),
      channels: Array.from({ length: count }, (_, index) => this.#channel(plug, index)),
      measures_power: plug.measuresPower,
      adopted: adopted !== undefined,
      simulated: adopted?.isSimulated ?? this.#parts.isSimulated(plug),
    };
  }

  #channel({ id, channels }: FoundPlug, index: number): DiscoveredView['channels'][number] {
    const channel = index + 1;
    const name = channels[index]?.name ?? null;
    return {
      channel,
      name: name === null ? null : plainText(name),
      appliance: this.#state.channels.get(channelKey(id, channel)) ?? null,
    };
  }
}

/** One relay of a device may be called `POWER`, and `POWER1` where the device has more. */
function commandTopics(entry: unknown): readonly string[] {
  const { data } = plugSettings.safeParse(entry);
  if (data === undefined) return [];
  const protocol = plugProtocol(data);
  const channels = Array.from({ length: protocol.channels }, (_, index) => index + 1);
  return channels.map((channel) => protocol.command(channel, true, 0).topic.replace(/\d+$/, ''));
}

/** Neither control characters nor marks that turn the direction of text around; null when nothing is left to see. */
function plainText(text: string): string | null {
  const plain = text.toWellFormed().replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ');
  const short = Array.from(plain.trim()).slice(0, NAME_CHARS).join('').slice(0, NAME_CHARS).toWellFormed().trim();
  return /[^\p{Z}\p{Cf}]/u.test(short) ? short : null;
}

/** A hub that listens to no broker finds nothing. */
export const NOTHING_FOUND: Found = {
  discovered: () => [],
  adoptable: () => null,
  onDiscovered: () => () => undefined,
};
