import type { ApplianceSettings, CircuitSettings, Household } from '../../daemon/core/model.ts';
import { plugBuses } from '../../daemon/plugs.ts';
import { type BusSettings, busSettings } from '../../relay-drivers/registry.ts';
import type { Dice } from './dice.ts';
import { type PlugHome, randomPlugs } from './plug-homes.ts';

/** A random home: boards along one or two lines, plugs on MQTT, circuits, appliances, wall switches. */
export interface House {
  readonly household: Household;
  readonly buses: readonly BusSettings[];
  readonly plugs: readonly PlugHome[];
  /** Otherwise it is on a machine of its own, outlives the hub, and cuts nobody. */
  readonly isBrokerEmbedded: boolean;
  readonly appliances: readonly ApplianceSettings[];
  readonly switches: ReadonlyMap<string, ReadonlyMap<number, { appliance: string; mode: 'toggle' | 'follow' }>>;
  readonly echo: boolean;
  readonly flavour: 'waveshare' | 'lctech';
}

const BAUDS = [9600, 9600, 19_200, 115_200] as const;

export function randomHouse(dice: Dice): House {
  const buses = randomBuses(dice);
  const circuits = randomCircuits(dice);
  const plugs = randomPlugs(dice);
  const household = randomHousehold(dice, buses, circuits, plugs);
  const appliances = [...randomLoads(dice, household, [...buses, ...plugs]), ...randomDeclared(dice)];
  return {
    household,
    buses,
    plugs,
    isBrokerEmbedded: dice.chance(0.7),
    appliances,
    switches: randomSwitches(dice, buses, appliances),
    echo: dice.chance(0.2),
    flavour: dice.pick(['waveshare', 'lctech']),
  };
}

function randomBuses(dice: Dice): BusSettings[] {
  const isShared = dice.chance(0.4);
  const baud = dice.pick(BAUDS);
  const count = dice.chance(0.5) ? 1 : 2;
  return Array.from({ length: count }, (_, i) =>
    busSettings.parse({
      id: `bus${i + 1}`,
      driver: 'modbus-coils',
      path: isShared ? '/dev/line1' : `/dev/line${i + 1}`,
      baud: isShared ? baud : dice.pick(BAUDS),
      unit: i + 1,
      channels: 8,
      inputs: { 1: { appliance: 'a', mode: 'toggle' } },
    }),
  );
}

function randomCircuits(dice: Dice): CircuitSettings[] {
  if (dice.chance(0.4)) return [];
  const kitchen = { id: 'kitchen', parent: null, limitMw: dice.int(2000, 4000) * 1000 };
  return dice.chance(0.5)
    ? [kitchen]
    : [kitchen, { id: 'oven', parent: 'kitchen', limitMw: dice.int(1500, 3000) * 1000 }];
}

function randomHousehold(
  dice: Dice,
  buses: readonly BusSettings[],
  circuits: readonly CircuitSettings[],
  plugs: readonly PlugHome[],
): Household {
  const configured = plugs.filter(({ isConfigured }) => isConfigured).map(({ settings }) => settings);
  const limitMw = dice.pick([5_000_000, 5_000_000, 3_300_500, 4_000_001]);
  return {
    hubId: 'sim',
    hubName: 'Simulated',
    limitMw,
    nearLimitMw: Math.floor(limitMw * 0.8),
    baseLoadMw: dice.pick([0, 0, 250_000]),
    circuits,
    buses: [...buses.map(({ id, channels }) => ({ id, channels, isSimulated: true })), ...plugBuses(configured, true)],
  };
}

function randomLoads(
  dice: Dice,
  { circuits }: Household,
  boards: readonly { readonly id: string; readonly channels: number }[],
): ApplianceSettings[] {
  const homes = ['house', ...circuits.map(({ id }) => id)];
  const bound = dice.pick([0.6, 0.8, 1]);
  return boards.flatMap(({ id: bus, channels }) =>
    Array.from({ length: channels }, (_, i) => i + 1)
      .filter(() => dice.chance(bound))
      .map((channel) => ({
        ...settings(`${bus}-${channel}`, dice),
        circuit: dice.pick(homes),
        relay: { bus, channel },
        isProtected: dice.chance(0.1),
      })),
  );
}

function randomDeclared(dice: Dice): ApplianceSettings[] {
  return Array.from({ length: dice.int(0, 2) }, (_, i) => settings(`declared-${i}`, dice));
}

function settings(id: string, dice: Dice): ApplianceSettings {
  return {
    id,
    name: id,
    room: null,
    icon: null,
    ratedMw: dice.pick([
      150_000,
      800_000,
      1_000_000,
      1_500_000,
      1_800_000,
      2_400_000,
      2_499_500,
      2_500_500,
      100,
      dice.int(1, 3_000_000),
    ]),
    circuit: 'house',
    priority: dice.int(0, 100),
    isProtected: false,
    relay: null,
    onPowerLoss: dice.pick(['stay_off', 'stay_off', 'restore']),
  };
}

function randomSwitches(
  dice: Dice,
  buses: readonly BusSettings[],
  appliances: readonly ApplianceSettings[],
): House['switches'] {
  const bound = appliances.filter(({ relay }) => relay !== null);
  if (bound.length === 0) return new Map();
  return new Map(
    buses.map(({ id }) => {
      const bindings = Array.from({ length: dice.chance(0.3) ? 2 : 0 }, (_, i) => {
        return [i + 1, { appliance: dice.pick(bound).id, mode: dice.pick(['toggle', 'follow'] as const) }] as const;
      });
      return [id, new Map(bindings)];
    }),
  );
}
