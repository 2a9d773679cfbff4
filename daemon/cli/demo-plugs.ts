import type { ApplianceSettings, Device } from '../core/model.ts';
import { HOUSE } from '../core/model.ts';
import type { SeedAppliance } from './ports.ts';

/** The simulated plugs of the embedded default: one of each family that finds itself, and one more that nobody adopted yet. */

interface Load {
  readonly id: string;
  readonly name: string;
  readonly room: string;
  readonly icon: string;
  readonly ratedW: number;
  readonly priority: number;
}

interface Plug {
  /** Of the twin: its user at the broker, a level of its topics. */
  readonly name: string;
  readonly driver: string;
  /** The id and the settings that its finder gives it (a test holds them together). */
  readonly id: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** One for each channel. */
  readonly loads: readonly Load[];
  readonly isLeft?: true;
}

function tasmota(topic: string) {
  return {
    topic,
    full_topic: '%prefix%/%topic%/',
    prefixes: { cmnd: 'cmnd', stat: 'stat', tele: 'tele' },
    channels: 1,
    states: { off: 'OFF', on: 'ON' },
    lwt: { offline: 'Offline', online: 'Online' },
    power: true,
  };
}

const PLUGS: readonly Plug[] = [
  {
    name: 'kettle',
    driver: 'tasmota',
    id: 'tasmota-02005e6bcb72',
    settings: tasmota('kettle'),
    loads: [{ id: 'kettle', name: 'Kettle', room: 'Kitchen', icon: 'kettle', ratedW: 2000, priority: 50 }],
  },
  {
    name: 'panel-heater',
    driver: 'shelly-gen2',
    id: 'shelly-0ccee314643f',
    settings: { prefix: 'panel-heater', channels: 1, power: true },
    loads: [{ id: 'panel-heater', name: 'Panel heater', room: 'Study', icon: 'heater', ratedW: 1000, priority: 15 }],
  },
  {
    name: 'zigbee2mqtt',
    driver: 'zigbee2mqtt',
    id: 'z2m-0x0000026550165c33',
    settings: { base: 'zigbee2mqtt', name: 'house/plug', endpoints: [], power: true, power_get: true },
    loads: [{ id: 'floor-lamp', name: 'Floor lamp', room: 'Living room', icon: 'lamp', ratedW: 60, priority: 75 }],
  },
  {
    name: 'relay-board',
    driver: 'esphome',
    id: 'esphome-relay-board',
    settings: {
      prefix: 'relay-board',
      switches: [
        { switch: 'relay_1', power: 'power_1', energy: 'energy_1' },
        { switch: 'relay_2', power: 'power_2', energy: 'energy_2' },
      ],
    },
    loads: [
      { id: 'terrace-lights', name: 'Terrace lights', room: 'Garden', icon: 'lamp', ratedW: 100, priority: 35 },
      { id: 'pond-pump', name: 'Pond pump', room: 'Garden', icon: 'plug', ratedW: 150, priority: 65 },
    ],
  },
  {
    name: 'boiler',
    driver: 'shelly-gen1',
    id: 'shelly-gen1-0810a7f7db7e',
    settings: { prefix: 'shellies/boiler', channels: 1, power: true },
    loads: [{ id: 'boiler', name: 'Boiler', room: 'Bathroom', icon: 'plug', ratedW: 1500, priority: 20 }],
  },
  {
    name: 'fan-heater',
    driver: 'tasmota',
    id: 'tasmota-02005e5fff00',
    settings: tasmota('fan-heater'),
    loads: [{ id: 'fan-heater', name: 'Fan heater', room: 'Bathroom', icon: 'heater', ratedW: 1800, priority: 5 }],
    isLeft: true,
  },
];

/** What they draw while they are on, as the board's appliances do: less than their plates say. */
const SHARE_DRAWN = 0.9;

export const DEMO_PLUG_NAMES: readonly string[] = PLUGS.map(({ name }) => name);

/** The one that waits to be found and adopted. */
export const DEMO_PLUGS_LEFT: readonly string[] = PLUGS.filter(({ isLeft }) => isLeft).map(({ name }) => name);

/** For `voltsafe simulate`, in the process of the board; the hub tells their broker once it has one. */
export const DEMO_PLUG_WORDS: readonly string[] = [
  ...PLUGS.flatMap(({ driver, name, loads }) => ['--plug', `${driver}:${name}:${loads.length}:${drawnW(loads)}`]),
  ...['--broker', '-'],
];

/** As discovery gives them; each appliance with the device that it hangs on. */
export const DEMO_PLUG_HOME: readonly SeedAppliance[] = PLUGS.filter(({ isLeft }) => !isLeft).flatMap((plug) =>
  plug.loads.map((load, index) => ({ settings: applianceOf(load, plug.id, index + 1), device: deviceOf(plug) })),
);

export function deviceOf({ id, driver, settings, loads }: Plug): Device {
  return { id, channels: loads.length, isSimulated: true, driver, settings };
}

function applianceOf({ ratedW, ...load }: Load, bus: string, channel: number): ApplianceSettings {
  return {
    ...load,
    ratedMw: ratedW * 1000,
    circuit: HOUSE,
    isProtected: false,
    relay: { bus, channel },
    onPowerLoss: 'stay_off',
  };
}

function drawnW(loads: readonly Load[]): string {
  return loads.map(({ ratedW }) => Math.round(ratedW * SHARE_DRAWN)).join(',');
}
