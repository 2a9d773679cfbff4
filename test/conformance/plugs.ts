import { esphomeTwin } from '../../relay-drivers/esphome/twin.ts';
import { genericMqttEntry, genericMqttTwin, genericTellingTwin } from '../../relay-drivers/generic-mqtt/twin.ts';
import { PLUG_DRIVERS, plugSettings } from '../../relay-drivers/plug-registry.ts';
import { shellyGen1Twin, shellyGen1UnretainedTwin } from '../../relay-drivers/shelly-gen1/twin.ts';
import { shellyGen2Twin } from '../../relay-drivers/shelly-gen2/twin.ts';
import type { PlugFlavour } from '../../relay-drivers/simulator/plug-twin.ts';
import { tasmotaTwin } from '../../relay-drivers/tasmota/twin.ts';
import { TWIN_FRIENDLY_NAME, zigbee2mqttTwin } from '../../relay-drivers/zigbee2mqtt/twin.ts';
import { NAME, type PlugSubject } from './plug-world.ts';

/** One line of the suite: a family of devices on MQTT against a twin of it. A new family joins with an entry here. */
export interface PlugEntry {
  /** As in relay-drivers/plug-registry.ts. */
  readonly family: string;
  readonly twin: PlugFlavour;
  /** What the title says of this entry beside its family. */
  readonly remark?: string;
  readonly channels: number;
  /** Of its `buses` entry, besides id and driver. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Its power comes rounded to this. */
  readonly powerStepMw: number;
  readonly readsQuoted?: true;
}

const switches = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const end = count === 1 ? '' : `_${index + 1}`;
    return { switch: `relay${end}`, power: `power${end}`, energy: `energy${end}` };
  });

const generic = (isAsked: boolean) => {
  const { id: _id, driver: _driver, ...settings } = genericMqttEntry(NAME, NAME, 3, isAsked);
  return settings;
};
const gen1 = { prefix: `shellies/${NAME}`, power: true };
const behind = { base: NAME, name: TWIN_FRIENDLY_NAME, power: true };
const TENTH_OF_A_WATT = 100;
const EXACT = 1;

export const PLUGS: readonly PlugEntry[] = [
  {
    family: 'tasmota',
    twin: tasmotaTwin,
    channels: 1,
    settings: { topic: NAME, power: true },
    powerStepMw: TENTH_OF_A_WATT,
  },
  {
    family: 'tasmota',
    twin: tasmotaTwin,
    channels: 4,
    settings: { topic: NAME, channels: 4, power: true },
    powerStepMw: TENTH_OF_A_WATT,
  },
  { family: 'shelly-gen1', twin: shellyGen1Twin, remark: 'retained', channels: 1, settings: gen1, powerStepMw: 10 },
  {
    family: 'shelly-gen1',
    twin: shellyGen1UnretainedTwin,
    channels: 2,
    settings: { ...gen1, channels: 2 },
    powerStepMw: 10,
  },
  { family: 'shelly-gen2', twin: shellyGen2Twin, channels: 1, settings: { prefix: NAME }, powerStepMw: EXACT },
  {
    family: 'shelly-gen2',
    twin: shellyGen2Twin,
    channels: 4,
    settings: { prefix: NAME, channels: 4 },
    powerStepMw: EXACT,
  },
  {
    family: 'zigbee2mqtt',
    twin: zigbee2mqttTwin,
    channels: 1,
    settings: { ...behind, power_get: true },
    powerStepMw: EXACT,
  },
  {
    family: 'zigbee2mqtt',
    twin: zigbee2mqttTwin,
    channels: 2,
    settings: { ...behind, endpoints: ['l1', 'l2'] },
    powerStepMw: EXACT,
  },
  {
    family: 'esphome',
    twin: esphomeTwin,
    channels: 1,
    settings: { prefix: NAME, switches: switches(1) },
    powerStepMw: TENTH_OF_A_WATT,
  },
  {
    family: 'esphome',
    twin: esphomeTwin,
    channels: 3,
    settings: { prefix: NAME, switches: switches(3) },
    powerStepMw: TENTH_OF_A_WATT,
  },
  {
    family: 'generic-mqtt',
    twin: genericMqttTwin,
    channels: 3,
    settings: generic(true),
    powerStepMw: TENTH_OF_A_WATT,
    // What a payload or a field says as text is text or a number, as it is asked for.
    readsQuoted: true,
  },
  {
    family: 'generic-mqtt',
    twin: genericTellingTwin,
    remark: 'without a query',
    channels: 2,
    settings: { ...generic(false), channels: generic(false).channels.slice(0, 2) },
    powerStepMw: TENTH_OF_A_WATT,
    readsQuoted: true,
  },
];

export function plugSubject({ family, remark, settings, twin, ...entry }: PlugEntry): PlugSubject {
  const kind = PLUG_DRIVERS.get(family);
  if (kind === undefined) throw new Error(`there is no family ${family}`);
  const parsed = plugSettings.parse({ id: NAME, driver: family, ...settings });
  return {
    name: remark === undefined ? family : `${family}, ${remark}`,
    flavour: twin,
    create: () => kind.create(parsed),
    ...entry,
  };
}
