import type { MqttRole, MqttUser } from '../../core/model.ts';
import { isReservedName as isCommonName } from '../../core/mqtt-names.ts';
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

/** What a whole family says on one topic, so that somebody finds it. */
const ANNOUNCEMENTS = [/^tasmota\/discovery\/[0-9A-F]{12}\/(config|sensors)$/, /^shellies\/announce$/];

/** It tells of one device, found by its address: whoever said it first owns it. */
export function isOneAnnouncement(topic: string): boolean {
  return topic.startsWith('tasmota/discovery/');
}

/** What is called out to a whole family. */
const CALLS = ['shellies/command', 'shellies/rpc', 'esphome/discover', 'cmnd/tasmotas/#', 'tasmotas/cmnd/#'];

/** Below this Home Assistant finds what there is, unless its user changed it there. */
const DISCOVERY = 'homeassistant';

/** No name for a `device`: too common a level, or no level at all. Other roles are not let in by their names. */
export function isReservedName(name: string): boolean {
  return isCommonName(name) || /[/+#$:\p{Cc}]/u.test(name);
}

/** The hub's own: its topics, and its objects in Home Assistant's discovery. */
export function isHubTopic(topic: string, discovery = DISCOVERY): boolean {
  const [first, ...rest] = levelsOf(topic);
  if (first === 'voltsafe') return true;
  return covers(`${discovery}/#`, topic) && rest.some((level) => level.startsWith('voltsafe'));
}

/** A topic on which some device obeys: the hub alone speaks there. */
export function isCommandTopic(topic: string): boolean {
  const levels = levelsOf(topic);
  if (levels.some((level) => COMMANDS.has(level.toLowerCase()))) return true;
  // The bridge of zigbee2mqtt obeys here; and ESPHome devices answer, all of them or one.
  const isAsked = levels.some((level, at) => level === 'bridge' && levels[at + 1] === 'request');
  const isPing = topic === 'esphome/discover' || (levels[0] === 'esphome' && levels[1] === 'ping');
  return isAsked || isPing || isShellyCall(levels);
}

/** `<prefix>/rpc` of Shelly gen 2. Its news come on `<prefix>/events/rpc`, its answers to the hub on `<prefix>/hub/rpc`. */
function isShellyCall(levels: readonly string[]): boolean {
  const before = levels.at(-2) ?? '';
  return levels.at(-1) === 'rpc' && !(levels.length > 2 && ['events', 'hub'].includes(before));
}

/**
 * `isCommand` knows the command topics that people made up (generic-mqtt); `discovery` is Home Assistant's prefix;
 * `isDevice` knows the names of devices: the first of them in a topic owns it.
 */
export function accessRules(
  hubId: string,
  isCommand: (topic: string) => boolean = () => false,
  discovery = DISCOVERY,
  isDevice: (name: string) => boolean = () => false,
): AccessRules {
  const place = { hubId, discovery, isDevice };
  return {
    mayPublish(user, topic) {
      if (isHubTopic(topic, discovery)) return user.role === 'integration' && isSet(hubId, topic);
      if (topic.startsWith('$') || isCommandTopic(topic) || isCommand(topic)) return false;
      return PUBLISH[user.role](user, topic, place);
    },
    maySubscribe(user, filter) {
      if (filter.startsWith('$')) return false;
      return SUBSCRIBE[user.role](user, filter, place);
    },
  };
}

interface Place {
  readonly hubId: string;
  readonly discovery: string;
  readonly isDevice: (name: string) => boolean;
}

type Rule = (user: Claimant, text: string, place: Place) => boolean;

/** `voltsafe/<hub>/appliance/<id>/set`: what somebody asks of the hub. Never kept by the broker. */
export function isSet(hubId: string, topic: string): boolean {
  return matches(`voltsafe/${hubId}/appliance/+/set`, topic);
}

const PUBLISH: Record<MqttRole, Rule> = {
  device: (user, topic, { isDevice }) =>
    owns(user, topic, isDevice) || ANNOUNCEMENTS.some((form) => form.test(topic)) || isExtra(user, topic),
  integration: (user, topic, { discovery }) => topic === `${discovery}/status` || isExtra(user, topic),
  viewer: () => false,
};

const SUBSCRIBE: Record<MqttRole, Rule> = {
  device: (user, filter, { discovery }) =>
    !mayReachHub(filter) && (isNamedIn(user, filter) || isCall(filter, discovery) || isExtra(user, filter)),
  integration: (user, filter, { hubId, discovery }) =>
    isWithin([`voltsafe/${hubId}/#`, `${discovery}/#`, ...user.topics], filter),
  viewer: (user, filter, { hubId }) => isWithin([`voltsafe/${hubId}/#`, ...user.topics], filter),
};

function isCall(filter: string, discovery: string): boolean {
  return CALLS.includes(filter) || filter === `${discovery}/status`;
}

/** A level is exactly the device's name; a common word names nobody. */
function isNamedIn({ name }: Claimant, text: string): boolean {
  return !isReservedName(name) && levelsOf(text).includes(name);
}

/** `node2/switch/heater/state` is node2's: what another device of the name `heater` says there is a lie. */
function owns(user: Claimant, topic: string, isDevice: (name: string) => boolean): boolean {
  if (!isNamedIn(user, topic)) return false;
  return levelsOf(topic).find((level) => level === user.name || isDevice(level)) === user.name;
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
