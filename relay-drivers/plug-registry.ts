import { z } from 'zod';
import { esphomeFinder } from './esphome/finder.ts';
import { createEsphome } from './esphome/protocol.ts';
import { esphomeSettings } from './esphome/settings.ts';
import { createGenericMqtt } from './generic-mqtt/protocol.ts';
import { genericMqttSettings } from './generic-mqtt/settings.ts';
import type { PlugFinder, PlugProtocol } from './plugs/protocol.ts';
import { shellyGen1Finder } from './shelly-gen1/finder.ts';
import { createShellyGen1 } from './shelly-gen1/protocol.ts';
import { shellyGen1Settings } from './shelly-gen1/settings.ts';
import { shellyGen2Finder } from './shelly-gen2/finder.ts';
import { createShellyGen2 } from './shelly-gen2/protocol.ts';
import { shellyGen2Settings } from './shelly-gen2/settings.ts';
import { tasmotaFinder } from './tasmota/finder.ts';
import { createTasmota } from './tasmota/protocol.ts';
import { tasmotaSettings } from './tasmota/settings.ts';
import { zigbee2mqttFinder } from './zigbee2mqtt/finder.ts';
import { createZigbee2mqtt } from './zigbee2mqtt/protocol.ts';
import { zigbee2mqttSettings } from './zigbee2mqtt/settings.ts';

/** A `buses` entry of a device on MQTT. A new family adds its schema here and its line to PLUG_DRIVERS below. */
export const plugSettings = z.discriminatedUnion('driver', [
  esphomeSettings,
  genericMqttSettings,
  shellyGen1Settings,
  shellyGen2Settings,
  tasmotaSettings,
  zigbee2mqttSettings,
]);
export type PlugSettings = z.output<typeof plugSettings>;

/** A family of devices on MQTT, as the registry keeps it. */
export interface PlugKind {
  readonly settings: z.ZodType<PlugSettings>;
  create(settings: PlugSettings): PlugProtocol;
  /** Null: devices of this family cannot be found by listening. */
  readonly finder: (() => PlugFinder) | null;
}

/** The schema is asked once more at creation: it is what makes the entry's own settings type true. */
export function plugKind<S extends PlugSettings>(
  settings: z.ZodType<S>,
  create: (settings: S) => PlugProtocol,
  finder: (() => PlugFinder) | null,
): PlugKind {
  return { settings, create: (raw) => create(settings.parse(raw)), finder };
}

export const PLUG_DRIVERS: ReadonlyMap<string, PlugKind> = new Map<PlugSettings['driver'], PlugKind>([
  ['esphome', plugKind(esphomeSettings, createEsphome, esphomeFinder)],
  ['generic-mqtt', plugKind(genericMqttSettings, createGenericMqtt, null)],
  ['shelly-gen1', plugKind(shellyGen1Settings, createShellyGen1, shellyGen1Finder)],
  ['shelly-gen2', plugKind(shellyGen2Settings, createShellyGen2, shellyGen2Finder)],
  ['tasmota', plugKind(tasmotaSettings, createTasmota, tasmotaFinder)],
  ['zigbee2mqtt', plugKind(zigbee2mqttSettings, createZigbee2mqtt, zigbee2mqttFinder)],
]);

export function plugProtocol(settings: PlugSettings): PlugProtocol {
  const kind = PLUG_DRIVERS.get(settings.driver);
  if (!kind)
    throw new Error(`there is no driver ${settings.driver}; there are: ${[...PLUG_DRIVERS.keys()].join(', ')}`);
  return kind.create(settings);
}
