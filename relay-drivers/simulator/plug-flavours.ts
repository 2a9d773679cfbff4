import { esphomeTwin } from '../esphome/twin.ts';
import { genericMqttTwin } from '../generic-mqtt/twin.ts';
import { shellyGen1Twin } from '../shelly-gen1/twin.ts';
import { shellyGen2Twin } from '../shelly-gen2/twin.ts';
import { tasmotaTwin } from '../tasmota/twin.ts';
import { zigbee2mqttTwin } from '../zigbee2mqtt/twin.ts';
import type { PlugFlavour } from './plug-twin.ts';

/** A family of plugs as the simulator knows it. */
export interface PlugFamily {
  readonly twin: PlugFlavour;
  readonly maxChannels: number;
}

export const PLUG_FAMILIES = {
  tasmota: { twin: tasmotaTwin, maxChannels: 32 },
  'shelly-gen1': { twin: shellyGen1Twin, maxChannels: 8 },
  'shelly-gen2': { twin: shellyGen2Twin, maxChannels: 8 },
  /** The name is that of the bridge: its base topic. */
  zigbee2mqtt: { twin: zigbee2mqttTwin, maxChannels: 8 },
  esphome: { twin: esphomeTwin, maxChannels: 32 },
  'generic-mqtt': { twin: genericMqttTwin, maxChannels: 32 },
} as const satisfies Record<string, PlugFamily>;

export type PlugFamilyName = keyof typeof PLUG_FAMILIES;
