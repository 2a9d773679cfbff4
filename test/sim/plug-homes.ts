import type { ApplianceSettings, Device } from '../../daemon/core/model.ts';
import { genericMqttEntry } from '../../relay-drivers/generic-mqtt/twin.ts';
import { type PlugSettings, plugProtocol, plugSettings } from '../../relay-drivers/plug-registry.ts';
import type { PowerOn } from '../../relay-drivers/simulator/plug.ts';
import { PLUG_FAMILIES, type PlugFamilyName } from '../../relay-drivers/simulator/plug-flavours.ts';
import { TWIN_FRIENDLY_NAME } from '../../relay-drivers/zigbee2mqtt/twin.ts';
import type { Dice } from './dice.ts';

/** A plug of a random home. */
export interface PlugHome {
  readonly id: string;
  readonly family: PlugFamilyName;
  readonly channels: number;
  readonly settings: PlugSettings;
  readonly powerOn: PowerOn;
  /** It stands in the configuration; otherwise it is adopted with its first appliance. */
  readonly isConfigured: boolean;
  /** It tells each change, and cannot be asked: a word of it that is lost stays lost. */
  readonly canBeAsked: boolean;
}

interface Make {
  readonly family: PlugFamilyName;
  readonly channels: number;
  /** Of its `buses` entry, besides id and driver. */
  readonly entry: (id: string, channels: number) => Readonly<Record<string, unknown>>;
}

function switches(count: number): object[] {
  return Array.from({ length: count }, (_, index) => {
    const end = count === 1 ? '' : `_${index + 1}`;
    return { switch: `relay${end}`, power: `power${end}`, energy: `energy${end}` };
  });
}

function generic(id: string, channels: number): Readonly<Record<string, unknown>> {
  const { id: _id, driver: _driver, ...entry } = genericMqttEntry(id, id, channels);
  return entry;
}

const ENDPOINTS = ['l1', 'l2', 'l3', 'l4'];
const tasmota: Make['entry'] = (topic, channels) => ({ topic, channels, power: true });
const shelly: Make['entry'] = (prefix, channels) => ({ prefix, channels });
const esphome: Make['entry'] = (prefix, channels) => ({ prefix, switches: switches(channels) });
const zigbee: Make['entry'] = (base, channels) => ({
  base,
  name: TWIN_FRIENDLY_NAME,
  endpoints: channels === 1 ? [] : ENDPOINTS.slice(0, channels),
  power: true,
});

const MAKES: readonly Make[] = [
  { family: 'tasmota', channels: 1, entry: tasmota },
  { family: 'tasmota', channels: 4, entry: tasmota },
  {
    family: 'shelly-gen1',
    channels: 2,
    entry: (id, channels) => ({ prefix: `shellies/${id}`, channels, power: true }),
  },
  { family: 'shelly-gen2', channels: 1, entry: shelly },
  { family: 'shelly-gen2', channels: 3, entry: shelly },
  { family: 'zigbee2mqtt', channels: 1, entry: zigbee },
  { family: 'zigbee2mqtt', channels: 2, entry: zigbee },
  { family: 'esphome', channels: 1, entry: esphome },
  { family: 'esphome', channels: 3, entry: esphome },
  { family: 'generic-mqtt', channels: 2, entry: generic },
];

export function randomPlugs(dice: Dice): PlugHome[] {
  return Array.from({ length: dice.int(1, 4) }, (_, i) => randomPlug(dice, `plug${i + 1}`));
}

function randomPlug(dice: Dice, id: string): PlugHome {
  const { family, channels, entry } = dice.pick(MAKES);
  const settings = plugSettings.parse({ id, driver: family, ...entry(id, channels) });
  return {
    id,
    family,
    channels,
    settings,
    powerOn: dice.pick(['last', 'last', 'off', 'on']),
    isConfigured: dice.chance(0.5),
    canBeAsked: plugProtocol(settings).queries(0).length > 0,
  };
}

export function twinOf({ family }: PlugHome) {
  return PLUG_FAMILIES[family].twin;
}

/** Sent along with an appliance on a plug that is not in the configuration. */
export function deviceOf({ id, channels, settings: { id: _, driver, ...settings } }: PlugHome): Device {
  return { id, channels, driver, settings, isSimulated: true };
}

/** The plug that an appliance hangs on. */
export function plugOf(plugs: readonly PlugHome[], { relay }: Pick<ApplianceSettings, 'relay'>): PlugHome | undefined {
  return plugs.find(({ id }) => id === relay?.bus);
}
