import type { PlugFinder, Sighting } from '../plugs/protocol.ts';
import { offered } from '../plugs/words/found.ts';
import { parseObject } from '../plugs/words/json.ts';
import { Recent } from '../plugs/words/recent.ts';
import type { MqttMessage } from '../transport/mqtt.ts';
import { describedIn } from './entities.ts';
import { KnownNode } from './node.ts';
import { esphomeSettings } from './settings.ts';

/** More than any house has. */
const MAX_NODES = 256;
/** One entity, or what a node says of itself. */
const MAX_BYTES = 8192;

const ENTITY = /^homeassistant\/(switch|sensor)\/([^/]+)\/([a-z0-9_-]{1,120})\/config$/;
const ANNOUNCED = /^esphome\/discover\/([^/]+)$/;
const STATE = /^([^/]+)\/switch\/([a-z0-9_-]{1,120})\/state$/;
/** Names become ids: those that a node may have do. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,47}$/;

/**
 * Nodes describe their entities to Home Assistant. One that does not (`discovery: false`) announces itself all the same,
 * and the states that it keeps at the broker tell what its switches are.
 */
export function esphomeFinder(): PlugFinder {
  const finder = new EsphomeFinder();
  return {
    filters: [
      'homeassistant/switch/+/+/config',
      'homeassistant/sensor/+/+/config',
      'esphome/discover/+',
      '+/switch/+/state',
    ],
    calls: [{ topic: 'esphome/discover', payload: '' }],
    hear: (message) => finder.hear(message),
  };
}

class EsphomeFinder {
  readonly #nodes = new Recent<KnownNode>(MAX_NODES);

  hear({ topic, payload }: MqttMessage): readonly Sighting[] {
    const [, component, ofEntity, entityId] = ENTITY.exec(topic) ?? [];
    if (component && ofEntity && entityId) return this.#described(ofEntity, component, entityId, payload);
    const [, announced] = ANNOUNCED.exec(topic) ?? [];
    if (announced) return this.#announced(announced, payload);
    const [, ofState, stateId] = STATE.exec(topic) ?? [];
    return ofState && stateId ? this.#switched(ofState, stateId) : [];
  }

  #described(name: string, component: string, objectId: string, payload: Uint8Array): readonly Sighting[] {
    const config = parseObject(payload, MAX_BYTES);
    const described = config && describedIn(component, objectId, config);
    const node = this.#node(name);
    node?.describe(component, objectId, described);
    return node ? sightings(node) : [];
  }

  #announced(name: string, payload: Uint8Array): readonly Sighting[] {
    const node = this.#node(name);
    node?.announce(parseObject(payload, MAX_BYTES));
    return node ? sightings(node) : [];
  }

  /** States come often: only a switch that is new here is worth a word. */
  #switched(name: string, objectId: string): readonly Sighting[] {
    const node = this.#node(name);
    return node?.heardOf(objectId) ? sightings(node) : [];
  }

  #node(name: string): KnownNode | null {
    if (!NAME.test(name)) return null;
    const node = this.#nodes.get(name) ?? new KnownNode(name);
    this.#nodes.set(name, node);
    return node;
  }
}

function sightings(node: KnownNode): readonly Sighting[] {
  const plug = node.plug();
  const found = plug ? offered(esphomeSettings, plug) : [];
  const isGone = found.length === 0 && node.isOffered;
  node.isOffered = found.length > 0;
  return isGone ? [{ kind: 'gone', id: node.id }] : found;
}
