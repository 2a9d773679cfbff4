import type { MqttRole, MqttUser } from '../../core/model.ts';
import { covers, levelsOf, matches } from './topics.ts';

/** What the rules need to know of a user. */
export type Claimant = Pick<MqttUser, 'name' | 'role' | 'topics'>;

export interface AccessRules {
  mayPublish(user: Claimant, topic: string): boolean;
  maySubscribe(user: Claimant, filter: string): boolean;
}

/**
 * Levels that say "do this" (wire-formats C): Tasmota's `cmnd`; `command` of Shelly and ESPHome; `set` and `get` of
 * zigbee2mqtt, Homie and Shelly's lights. Tasmota's prefix is spelled as its user likes.
 */
const COMMANDS = new Set(['cmnd', 'command', 'set', 'get']);

/** Levels that many topics share: a device of such a name would be let into the topics of the others. */
const COMMON = new Set([
  ...['cmnd', 'stat', 'tele', 'power', 'result', 'lwt', 'state', 'sensor', 'sensors', 'tasmota', 'tasmotas'],
  ...['shellies', 'relay', 'emeter', 'input', 'input_event', 'announce', 'info', 'online', 'command', 'rpc', 'events'],
  ...['status', 'esphome', 'switch', 'light', 'binary_sensor', 'number', 'button', 'cover', 'climate', 'fan', 'debug'],
  ...['availability', 'bridge', 'set', 'get', 'request', 'response', 'devices', 'homeassistant', 'device', 'config'],
  ...['discovery', 'discover', 'energy', 'voltage', 'current', 'temperature', 'hub', 'appliance', 'load', 'homie'],
  ...['home', 'house', 'mqtt', 'zigbee', 'shelly', 'meter', 'total', 'roller', 'color', 'white', 'text', 'select'],
]);

/** How channels are called: `0`, `POWER2`, `l1`, `STATUS8`, `switch:0`. And nothing at all. */
const CHANNEL = /^([a-z]+:|relay|power|input|l|status|relay_)?\d*$/;

/** What a whole family says on one topic, so that somebody finds it. */
const ANNOUNCEMENTS = [/^tasmota\/discovery\/[0-9A-F]{12}\/(config|sensors)$/, /^shellies\/announce$/];

/** What is called out to a whole family, and Home Assistant's birth. */
const CALLS = [
  ...['shellies/command', 'shellies/rpc', 'esphome/discover', 'homeassistant/status'],
  ...['cmnd/tasmotas/#', 'tasmotas/cmnd/#'],
];

/** No name for a `device`: too common a level, or no level at all. Other roles are not let in by their names. */
export function isReservedName(name: string): boolean {
  const plain = name.toLowerCase();
  // The hub's own objects in Home Assistant begin with its name.
  if (plain.startsWith('voltsafe') || CHANNEL.test(plain)) return true;
  return COMMON.has(plain) || /[/+#$\p{Cc}]/u.test(name);
}

/** The hub's own: its topics, and its objects in Home Assistant's discovery. */
export function isHubTopic(topic: string): boolean {
  const [first, ...rest] = levelsOf(topic);
  if (first === 'voltsafe') return true;
  return first === 'homeassistant' && rest.some((level) => level.startsWith('voltsafe'));
}

/** A topic on which some device obeys: the hub alone speaks there. */
export function isCommandTopic(topic: string): boolean {
  const levels = levelsOf(topic);
  if (levels.some((level) => COMMANDS.has(level.toLowerCase()))) return true;
  // The bridge of zigbee2mqtt obeys here; and all ESPHome devices answer.
  const isAsked = levels.some((level, at) => level === 'bridge' && levels[at + 1] === 'request');
  return isAsked || topic === 'esphome/discover' || isShellyCall(levels);
}

/** `<prefix>/rpc` of Shelly gen 2. Its news come on `<prefix>/events/rpc`, its answers to the hub on `<prefix>/hub/rpc`. */
function isShellyCall(levels: readonly string[]): boolean {
  const before = levels.at(-2) ?? '';
  return levels.at(-1) === 'rpc' && !(levels.length > 2 && ['events', 'hub'].includes(before));
}

/** `isCommand` knows the command topics that people made up (generic-mqtt). */
export function accessRules(hubId: string, isCommand: (topic: string) => boolean = () => false): AccessRules {
  return {
    mayPublish(user, topic) {
      if (isHubTopic(topic)) return user.role === 'integration' && isSet(hubId, topic);
      if (topic.startsWith('$') || isCommandTopic(topic) || isCommand(topic)) return false;
      return PUBLISH[user.role](user, topic);
    },
    maySubscribe(user, filter) {
      if (filter.startsWith('$')) return false;
      return SUBSCRIBE[user.role](user, filter, hubId);
    },
  };
}

/** `voltsafe/<hub>/appliance/<id>/set`: what somebody asks of the hub. Never kept by the broker. */
export function isSet(hubId: string, topic: string): boolean {
  return matches(`voltsafe/${hubId}/appliance/+/set`, topic);
}

const PUBLISH: Record<MqttRole, (user: Claimant, topic: string) => boolean> = {
  device: (user, topic) =>
    isNamedIn(user, topic) || ANNOUNCEMENTS.some((form) => form.test(topic)) || isExtra(user, topic),
  integration: (user, topic) => topic === 'homeassistant/status' || isExtra(user, topic),
  viewer: () => false,
};

const SUBSCRIBE: Record<MqttRole, (user: Claimant, filter: string, hubId: string) => boolean> = {
  device: (user, filter) =>
    !mayReachHub(filter) && (isNamedIn(user, filter) || CALLS.includes(filter) || isExtra(user, filter)),
  integration: (user, filter, hubId) => isWithin([`voltsafe/${hubId}/#`, 'homeassistant/#', ...user.topics], filter),
  viewer: (user, filter, hubId) => isWithin([`voltsafe/${hubId}/#`, ...user.topics], filter),
};

/** A level is exactly the device's name; a common word names nobody. */
function isNamedIn({ name }: Claimant, text: string): boolean {
  return !isReservedName(name) && levelsOf(text).includes(name);
}

function isExtra({ topics }: Claimant, text: string): boolean {
  return isWithin(topics, text);
}

function isWithin(filters: readonly string[], text: string): boolean {
  return filters.some((filter) => covers(filter, text));
}

function mayReachHub(filter: string): boolean {
  return ['voltsafe', '+', '#'].includes(levelsOf(filter)[0] ?? '');
}
