import type { Clock } from '../clock.ts';
import type { MqttMessage, MqttPort } from '../transport/mqtt.ts';
import { AskPace } from './ask-pace.ts';
import { Listeners } from './listeners.ts';
import type { FoundPlug, PlugFinder, Sighting } from './protocol.ts';

export interface DiscoveryParts {
  readonly port: MqttPort;
  readonly clock: Clock;
  /** By driver, as PLUG_DRIVERS. */
  readonly families: ReadonlyMap<string, { readonly finder: (() => PlugFinder) | null }>;
  /** Whether a `buses` entry of these fields is one: the family's schema is asked. */
  readonly isEntry: (entry: Readonly<Record<string, unknown>>) => boolean;
  /** A fault of ours, for the log: a finder threw at a message. */
  readonly onFault?: (what: string, error: unknown) => void;
}

/** More than any home has; a stranger who makes devices up fills no more than this. */
const MAX_FOUND = 500;
const MAX_NAME_CHARS = 200;
/** Of the boards that are sold, the largest has 32. */
const MAX_CHANNELS = 64;
const ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** Listens to all families' ways of telling what is there. None of what it sends switches a relay. */
export class Discovery {
  readonly #parts: DiscoveryParts;
  readonly #finders: ReadonlyMap<string, PlugFinder>;
  readonly #asks: AskPace;
  /** By id, the one that told of itself last at the end. */
  readonly #found = new Map<string, FoundPlug>();
  readonly #changes = new Listeners<[]>();
  #ends: (() => void)[] = [];

  constructor(parts: DiscoveryParts) {
    this.#parts = parts;
    this.#asks = new AskPace(parts.clock, ({ topic, payload }) => parts.port.send(topic, payload));
    const finders = [...parts.families].flatMap(([driver, { finder }]) =>
      finder ? [[driver, finder()] as const] : [],
    );
    this.#finders = new Map(finders);
  }

  start(): void {
    const { port } = this.#parts;
    this.#ends.push(port.onStateChange(({ isUp }) => (isUp ? this.call() : this.#asks.clear())));
    for (const [driver, finder] of this.#finders)
      for (const filter of finder.filters)
        this.#ends.push(port.subscribe(filter, (message) => this.#hear(driver, finder, message)));
    this.call();
  }

  close(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#asks.clear();
    this.#changes.clear();
  }

  /** Everybody is asked to tell of themselves; by itself that is done whenever the broker is reached. */
  call(): void {
    const { port } = this.#parts;
    if (!port.state.isUp) return;
    for (const { calls } of this.#finders.values()) for (const { topic, payload } of calls) port.send(topic, payload);
  }

  found(): FoundPlug[] {
    return [...this.#found.values()];
  }

  /** Returns what ends it. */
  onChange(listener: () => void): () => void {
    return this.#changes.add(listener);
  }

  #hear(driver: string, finder: PlugFinder, message: MqttMessage): void {
    for (const sighting of this.#sightings(driver, finder, message)) this.#take(driver, sighting);
  }

  /** A finder never throws. One that does is worth a line in the log, and not the hub. */
  #sightings(driver: string, finder: PlugFinder, message: MqttMessage): readonly Sighting[] {
    try {
      return finder.hear(message);
    } catch (error) {
      this.#parts.onFault?.(`a message on ${message.topic} broke the finder of ${driver}`, error);
      return [];
    }
  }

  #take(driver: string, sighting: Sighting): void {
    if (sighting.kind === 'ask') return this.#asks.add(sighting.outgoing);
    const id = sighting.kind === 'gone' ? sighting.id : sighting.plug.id;
    const before = this.#found.get(id);
    // Ids are unlike any other's; who takes one of another family's is no device.
    if (before !== undefined && before.driver !== driver) return;
    if (sighting.kind === 'found') return this.#keep(driver, sighting.plug, before);
    if (this.#found.delete(id)) this.#changes.tell();
  }

  /** What can be no entry is no find; what was one before and changed so is none any more. */
  #keep(driver: string, plug: FoundPlug, before: FoundPlug | undefined): void {
    this.#found.delete(plug.id);
    const kept = this.#isPlug(driver, plug) ? plain(plug) : null;
    if (kept !== null) this.#found.set(plug.id, kept);
    for (const oldest of this.#found.keys()) if (this.#found.size > MAX_FOUND) this.#found.delete(oldest);
    if (JSON.stringify(before) !== JSON.stringify(kept ?? undefined)) this.#changes.tell();
  }

  #isPlug(driver: string, { id, driver: said, channels, settings }: FoundPlug): boolean {
    if (said !== driver || !ID.test(id) || channels.length === 0 || channels.length > MAX_CHANNELS) return false;
    return this.#parts.isEntry({ ...settings, id, driver });
  }
}

/** Names are anybody's words: they are shown, and kept short. */
function plain({ name, model, channels, ...plug }: FoundPlug): FoundPlug {
  const short = (text: string) => text.slice(0, MAX_NAME_CHARS).toWellFormed();
  const shortOrNull = (text: string | null) => (text === null ? null : short(text));
  return {
    ...plug,
    name: short(name),
    model: shortOrNull(model),
    channels: channels.map((channel) => ({ name: shortOrNull(channel.name) })),
  };
}
