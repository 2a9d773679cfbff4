import type { FoundPlug, PlugFinder, Sighting } from '../plugs/protocol.ts';
import { offered, shown } from '../plugs/words/found.ts';
import { field, type Json, type JsonObject, listIn, parseObject, stringIn } from '../plugs/words/json.ts';
import { Recent } from '../plugs/words/recent.ts';
import type { MqttMessage } from '../transport/mqtt.ts';
import { readingsIn } from './energy.ts';
import { tasmotaSettings } from './settings.ts';

/** More than any house has. */
const MAX_DEVICES = 256;
/** A device with 32 relays and many sensors tells of itself in less. */
const MAX_BYTES = 8192;
/** `rl`: 0 nothing, 1 a relay, 2 a light, 3 half a shutter (wire-formats C1). */
const RELAY = 1;

const TOPIC = /^tasmota\/discovery\/([0-9A-Fa-f]{12})\/(config|sensors)$/;

interface Heard {
  config: JsonObject | null;
  /** ENERGY as it is told, where it is. */
  energy: Json | undefined;
  isOffered: boolean;
}

/** Devices tell of themselves in two retained messages, in either order: what they are, and what they measure. */
export function tasmotaFinder(): PlugFinder {
  const devices = new Recent<Heard>(MAX_DEVICES);
  return {
    filters: ['tasmota/discovery/+/config', 'tasmota/discovery/+/sensors'],
    calls: [],
    hear: ({ topic, payload }: MqttMessage) => {
      const [, mac, what] = TOPIC.exec(topic) ?? [];
      if (mac === undefined) return [];
      const heard = remembered(devices, mac.toLowerCase());
      if (what === 'config') heard.config = configIn(mac, payload);
      else heard.energy = field(field(parseObject(payload, MAX_BYTES) ?? undefined, 'sn'), 'ENERGY');
      return sighting(mac.toLowerCase(), heard, what === 'config' && payload.length === 0);
    },
  };
}

/** Null: it was cleared, or tells of another device than its topic. */
function configIn(mac: string, payload: Uint8Array): JsonObject | null {
  const config = parseObject(payload, MAX_BYTES);
  return stringIn(field(config ?? undefined, 'mac'))?.toUpperCase() === mac.toUpperCase() ? config : null;
}

function remembered(devices: Recent<Heard>, mac: string): Heard {
  const heard = devices.get(mac) ?? { config: null, energy: undefined, isOffered: false };
  devices.set(mac, heard);
  return heard;
}

/** `isCleared` counts even of a device that was forgotten here: others may remember it. */
function sighting(mac: string, heard: Heard, isCleared: boolean): readonly Sighting[] {
  const found = heard.config ? offered(tasmotaSettings, plugIn(mac, heard.config, heard.energy)) : [];
  const isGone = found.length === 0 && (heard.isOffered || isCleared);
  heard.isOffered = found.length > 0;
  return isGone ? [{ kind: 'gone', id: idOf(mac) }] : found;
}

function idOf(mac: string): string {
  return `tasmota-${mac}`;
}

function plugIn(mac: string, config: JsonObject, energy: Json | undefined): FoundPlug {
  const channels = relaysIn(config);
  const isMeasured = channels > 0 && readingsIn(energy, channels).every((reading) => reading !== null);
  const settings = settingsIn(mac, config, channels, isMeasured);
  return {
    id: idOf(mac),
    driver: 'tasmota',
    name: shown(stringIn(field(config, 'dn'))) ?? idOf(mac),
    model: shown(stringIn(field(config, 'md'))),
    channels: namesIn(config, channels),
    measuresPower: isMeasured,
    settings,
  };
}

/**
 * The relays before the first that is none: POWERn counts lights and shutters, too. A fan's relays are its speeds, and a
 * module of a shutter moves blinds with its relays.
 */
function relaysIn(config: JsonObject): number {
  if (field(config, 'if') === 1) return 0;
  const kinds = listIn(field(config, 'rl')) ?? [];
  const first = kinds.findIndex((kind) => kind !== RELAY);
  return first === -1 ? kinds.length : first;
}

function settingsIn(mac: string, config: JsonObject, channels: number, power: boolean) {
  const texts = (name: string) => listIn(field(config, name)) ?? [];
  const [cmnd = 'cmnd', stat = 'stat', tele = 'tele'] = texts('tp');
  const [off = 'OFF', on = 'ON'] = texts('state');
  return {
    topic: field(config, 't'),
    full_topic: fullTopicIn(mac, config),
    prefixes: { cmnd, stat, tele },
    channels,
    states: { off, on },
    lwt: { offline: field(config, 'ofln') ?? 'Offline', online: field(config, 'onln') ?? 'Online' },
    power,
  };
}

/** Of the tokens of FullTopic, these are the same for good. */
function fullTopicIn(mac: string, config: JsonObject): string | undefined {
  const hostname = stringIn(field(config, 'hn')) ?? '';
  return stringIn(field(config, 'ft'))?.replaceAll('%hostname%', hostname).replaceAll('%id%', mac.toUpperCase());
}

function namesIn(config: JsonObject, channels: number): FoundPlug['channels'] {
  const names = listIn(field(config, 'fn')) ?? [];
  return Array.from({ length: channels }, (_, index) => ({ name: shown(stringIn(names[index])) }));
}
