import { field, type Json, type JsonObject, listIn, stringIn } from '../plugs/words/json.ts';

/** What Home Assistant's discovery tells of an entity of a node, with long names or short ones (wire-formats C6). */
export type Entity =
  | { readonly kind: 'switch'; readonly prefix: string; readonly name: string | null }
  | { readonly kind: 'power' | 'energy'; readonly prefix: string };

export interface Described {
  readonly entity: Entity;
  readonly device: { readonly name: string | null; readonly model: string | null };
}

/**
 * Null: not of ESPHome, or not to be switched with the topics of wire-formats C4: topics of its user's own, another
 * status than `<prefix>/status`, a sensor in other units.
 */
export function describedIn(component: string, objectId: string, config: JsonObject): Described | null {
  const device = either(config, 'dev', 'device');
  if (!isEsphome(device)) return null;
  const prefix = prefixIn(component, objectId, config);
  const entity = prefix === null ? null : entityIn(component, objectId, config, prefix);
  if (entity === null) return null;
  return {
    entity,
    device: { name: stringIn(field(device, 'name')), model: stringIn(either(device, 'mdl', 'model')) },
  };
}

/** Nodes say it in their version, those of a project in brackets; since 2026 it is the hash of the configuration. */
function isEsphome(device: Json | undefined): boolean {
  const version = stringIn(either(device, 'sw', 'sw_version')) ?? '';
  const maker = stringIn(either(device, 'mf', 'manufacturer')) ?? '';
  return /esphome/i.test(`${version} ${maker}`) || /\(config hash 0x[0-9a-f]+\)/.test(version);
}

function prefixIn(component: string, objectId: string, config: JsonObject): string | null {
  const state = topicIn(config, 'stat_t', 'state_topic');
  const end = `/${component}/${objectId}/state`;
  if (!state?.endsWith(end)) return null;
  const prefix = state.slice(0, -end.length);
  return isWatched(config, prefix) ? prefix : null;
}

/** Without its will it would be unknown whether a retained state is of a node that is there. */
function isWatched(config: JsonObject, prefix: string): boolean {
  const [entry] = listIn(either(config, 'avty', 'availability')) ?? [];
  const topic = topicIn(config, 'avty_t', 'availability_topic') ?? expanded(config, either(entry, 't', 'topic'));
  const told = either(config, 'pl_avail', 'payload_available') ?? either(entry, 'pl_avail', 'payload_available');
  return topic === `${prefix}/status` && (told ?? 'online') === 'online';
}

function entityIn(component: string, objectId: string, config: JsonObject, prefix: string): Entity | null {
  if (component === 'switch') {
    const isOurs = topicIn(config, 'cmd_t', 'command_topic') === `${prefix}/switch/${objectId}/command`;
    return isOurs ? { kind: 'switch', prefix, name: stringIn(field(config, 'name')) } : null;
  }
  const unit = either(config, 'unit_of_meas', 'unit_of_measurement');
  const what = either(config, 'dev_cla', 'device_class');
  if (what === 'power' && unit === 'W') return { kind: 'power', prefix };
  return what === 'energy' && unit === 'kWh' ? { kind: 'energy', prefix } : null;
}

function topicIn(config: JsonObject, short: string, long: string): string | null {
  return expanded(config, either(config, short, long));
}

/** `~` at an end of a topic is the base that is told once. */
function expanded(config: JsonObject, value: Json | undefined): string | null {
  const base = stringIn(field(config, '~'));
  const topic = stringIn(value);
  if (base === null || topic === null) return topic;
  if (topic.startsWith('~')) return `${base}${topic.slice(1)}`;
  return topic.endsWith('~') ? `${topic.slice(0, -1)}${base}` : topic;
}

function either(value: Json | undefined, short: string, long: string): Json | undefined {
  return field(value, short) ?? field(value, long);
}
