import type { ApplianceSettings, RelayBinding } from '../core/model.ts';
import { HOUSE } from '../core/model.ts';

/** The bus of the embedded default, and what hangs on it: together far more than the limit carries. */
export const DEMO_BUS = 'main';
export const DEMO_CHANNELS = 8;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly room: string;
  readonly icon: string;
  readonly ratedW: number;
  /** The lowest is shed first. */
  readonly priority: number;
  readonly channel?: number;
  readonly isProtected?: boolean;
}

const ROWS: readonly Row[] = [
  { id: 'tv', name: 'TV', room: 'Living room', icon: 'tv', ratedW: 150, priority: 60, channel: 1 },
  { id: 'microwave', name: 'Microwave', room: 'Kitchen', icon: 'microwave', ratedW: 1000, priority: 50, channel: 2 },
  { id: 'coffee-maker', name: 'Coffee maker', room: 'Kitchen', icon: 'coffee', ratedW: 800, priority: 55, channel: 3 },
  { id: 'dishwasher', name: 'Dishwasher', room: 'Kitchen', icon: 'dishwasher', ratedW: 1800, priority: 20, channel: 4 },
  { id: 'oven', name: 'Oven', room: 'Kitchen', icon: 'oven', ratedW: 2400, priority: 40, channel: 5 },
  { id: 'toaster', name: 'Toaster', room: 'Kitchen', icon: 'toaster', ratedW: 800, priority: 45, channel: 6 },
  {
    id: 'hair-dryer',
    name: 'Hair dryer',
    room: 'Bathroom',
    icon: 'hair-dryer',
    ratedW: 1800,
    priority: 30,
    channel: 7,
  },
  {
    id: 'bathroom-heater',
    name: 'Bathroom heater',
    room: 'Bathroom',
    icon: 'heater',
    ratedW: 1500,
    priority: 10,
    channel: 8,
  },
  { id: 'fridge', name: 'Fridge', room: 'Kitchen', icon: 'fridge', ratedW: 150, priority: 100, isProtected: true },
  { id: 'router', name: 'Router', room: 'Hall', icon: 'router', ratedW: 15, priority: 95, isProtected: true },
  { id: 'washing-machine', name: 'Washing machine', room: 'Laundry', icon: 'washer', ratedW: 2000, priority: 25 },
  { id: 'desk-lamp', name: 'Desk lamp', room: 'Study', icon: 'lamp', ratedW: 10, priority: 70 },
];

/** The appliances of an ordinary home, for a ledger that has none. Those without a channel are declared loads. */
export const DEMO_HOME: readonly ApplianceSettings[] = ROWS.map((row) => ({
  id: row.id,
  name: row.name,
  room: row.room,
  icon: row.icon,
  ratedMw: row.ratedW * 1000,
  circuit: HOUSE,
  priority: row.priority,
  isProtected: row.isProtected ?? false,
  relay: relayOf(row),
  onPowerLoss: 'stay_off',
}));

/** What the appliances of the board draw while they are on: less than their plates say. */
const SHARE_DRAWN = 0.9;

/** The meter of the house, on the board's line: of one phase, for its answers are short. */
export const DEMO_METER = {
  id: 'grid',
  driver: 'eastron-sdm',
  model: 'sdm230',
  bus: DEMO_BUS,
  unit: 2,
  measures: HOUSE,
} as const;

/** For `voltsafe simulate`: its watts follow the relays. */
export const DEMO_METER_WORDS = ['--meter', `${DEMO_METER.model}:${DEMO_METER.unit}`, '--watts', drawnW().join(',')];

function drawnW(): number[] {
  const ratedW = new Map(ROWS.map((row) => [row.channel, row.ratedW]));
  return Array.from({ length: DEMO_CHANNELS }, (_, i) => Math.round((ratedW.get(i + 1) ?? 0) * SHARE_DRAWN));
}

function relayOf({ channel }: Row): RelayBinding | null {
  return channel === undefined ? null : { bus: DEMO_BUS, channel };
}
