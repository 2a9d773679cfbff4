import type { FoundPlug } from '../plugs/protocol.ts';
import { shown } from '../plugs/words/found.ts';
import { field, type JsonObject, stringIn } from '../plugs/words/json.ts';
import type { Described, Entity } from './entities.ts';
import { MAX_SWITCHES } from './settings.ts';

/** Entities of one node that are remembered: each switch may have two sensors, and others there are, too. */
const MAX_ENTITIES = 128;

type Sensor = 'power' | 'energy';

/** What is known of a node so far. */
export class KnownNode {
  readonly id: string;
  isOffered = false;
  readonly #name: string;
  readonly #entities = new Map<string, Entity>();
  /** Switches whose states were heard. */
  readonly #heard = new Set<string>();
  #device: { readonly name: string | null; readonly model: string | null } = { name: null, model: null };
  #isAnnounced = false;

  constructor(name: string) {
    this.#name = name;
    this.id = `esphome-${name}`;
  }

  /** Null: it is not there any more, or is nothing that can be used. */
  describe(component: string, objectId: string, described: Described | null): void {
    const key = `${component}/${objectId}`;
    if (described === null) this.#entities.delete(key);
    else if (this.#entities.has(key) || this.#entities.size < MAX_ENTITIES) this.#entities.set(key, described.entity);
    if (described) this.#device = described.device;
  }

  /** `esphome/discover/<name>`. Null: it was cleared. */
  announce(said: JsonObject | null): void {
    this.#isAnnounced = said !== null;
    const text = (name: string) => (said ? stringIn(field(said, name)) : null);
    this.#device = { name: this.#device.name ?? text('friendly_name'), model: this.#device.model ?? text('board') };
  }

  /** True: that is new, and of use. */
  heardOf(objectId: string): boolean {
    if (this.#heard.has(objectId) || this.#heard.size >= MAX_SWITCHES) return false;
    this.#heard.add(objectId);
    return this.#isAnnounced;
  }

  plug(): FoundPlug | null {
    const prefix = this.#prefix();
    const switches = this.#switches(prefix);
    if (switches.length === 0) return null;
    const settings = switches.map((objectId) => ({
      switch: objectId,
      ...this.#measuredBy('power', objectId, switches, prefix),
      ...this.#measuredBy('energy', objectId, switches, prefix),
    }));
    return {
      id: this.id,
      driver: 'esphome',
      name: shown(this.#device.name) ?? this.#name,
      model: shown(this.#device.model),
      channels: switches.map((objectId) => ({ name: this.#nameOf(objectId) })),
      measuresPower: settings.every((entry) => 'power' in entry),
      settings: { prefix, ...(prefix !== this.#name && { name: this.#name }), switches: settings },
    };
  }

  /** All entities of a node have the same; where they are not described, it is the name. */
  #prefix(): string {
    const [first] = [...this.#entities.values()].filter(({ kind }) => kind === 'switch');
    return first?.prefix ?? this.#name;
  }

  #switches(prefix: string): string[] {
    const described = this.#idsOf('switch', prefix);
    const ids = described.length > 0 || !this.#isAnnounced ? described : [...this.#heard];
    return ids.sort(byName).slice(0, MAX_SWITCHES);
  }

  /** The one sensor of its kind that measures this switch; where several may, it is nobody's to guess. */
  #measuredBy(
    kind: Sensor,
    objectId: string,
    switches: readonly string[],
    prefix: string,
  ): { [kind in Sensor]?: string } {
    const sensors = this.#idsOf(kind, prefix);
    const own = switches.length === 1 ? sensors : sensors.filter((sensor) => belongs(sensor, objectId, switches));
    const [only] = own;
    return own.length === 1 && only !== undefined ? { [kind]: only } : {};
  }

  #idsOf(kind: Entity['kind'], prefix: string): string[] {
    return [...this.#entities]
      .filter(([, entity]) => entity.kind === kind && entity.prefix === prefix)
      .map(([key]) => key.slice(key.indexOf('/') + 1));
  }

  #nameOf(objectId: string): string | null {
    const entity = this.#entities.get(`switch/${objectId}`);
    return entity?.kind === 'switch' ? shown(entity.name) : null;
  }
}

/** `relay_1_power` is of `relay_1`, and so is `power_1` where no other switch ends in 1. */
function belongs(sensor: string, objectId: string, switches: readonly string[]): boolean {
  const namesakes = switches.filter((other) => sensor.startsWith(`${other}_`));
  // `relay` and `relay_1`: the longer one is meant.
  if (namesakes.length > 0)
    return namesakes.every((other) => objectId.length >= other.length) && namesakes.includes(objectId);
  const number = numberOf(objectId);
  const isOnlyOne = switches.filter((other) => numberOf(other) === number).length === 1;
  return number !== null && isOnlyOne && numberOf(sensor) === number;
}

function numberOf(objectId: string): string | null {
  return /(?:^|_)(\d{1,3})$/.exec(objectId)?.[1] ?? null;
}

/**
 * `relay_10` comes after `relay_9`, and `lamp_left` before `lamp2`: channels are numbered so, as a collation of English with
 * numbers would, which costs a hub 8 MB to load.
 */
export function byName(x: string, y: string): number {
  const [a, b] = [inOrder(x), inOrder(y)];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function inOrder(id: string): string {
  return id.replaceAll('_', ' ').replace(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, '').padStart(20, '0'));
}
