import type { Line } from '../../relay-drivers/line/line.ts';
import type { MeterReading, PhaseReading } from '../../relay-drivers/meter.ts';
import { type MeterSettings, meterKind, meterSettings } from '../../relay-drivers/meter-registry.ts';
import { METER_FLAVOURS, type MeterFlavourName } from '../../relay-drivers/simulator/meter-flavours.ts';
import type { PolledSubject } from './meter-world.ts';
import { inMemory } from './places.ts';
import type { PushedSubject } from './pushed-world.ts';

/** One line of the suite: a family against one of its twins. A new family joins with an entry here. */
export interface MeterEntry {
  /** As in relay-drivers/meter-registry.ts. */
  readonly family: string;
  /** As in relay-drivers/simulator/meter-flavours.ts. */
  readonly twin: MeterFlavourName;
  /** Where it has not as many as its make. */
  readonly phases?: 1 | 3;
  /** Of its `meters` entry, besides id, driver, path and measures. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Where telegrams have none, say by which clause. */
  readonly isChecked?: false;
  /** What it does not tell, or otherwise than it is; absent: it tells all. */
  seen?(truth: MeterReading): MeterReading;
}

/** Round enough for every meter: tens of watts, whole amperes, tenths of a volt, eighths of a kilowatt-hour. */
const SUPPLY = [
  [1_340_000, 2_000_000],
  [-4_620_000, -1_310_000],
  [0, 0],
  [9_990_000, 70_000],
] as const;

export function truths(phases: 1 | 3): MeterReading[] {
  return SUPPLY.map(([l1Mw, l2Mw], index) => {
    const powers = phases === 1 ? [l1Mw] : [l1Mw, l2Mw, 30_000 * index];
    return {
      powerMw: powers.reduce((sum, powerMw) => sum + powerMw, 0),
      phases: powers.map((powerMw, phase) => ({
        voltageMv: 229_100 + 1100 * index + 300 * phase,
        currentMa: 1000 * (index + phase),
        powerMw,
      })),
      energyImportMwh: 12_500_000 + 3_000_000 * index,
      energyExportMwh: 250_000 + 125_000 * index,
    };
  });
}

const phasesSeen =
  (see: (phase: PhaseReading) => PhaseReading) =>
  (truth: MeterReading): MeterReading => ({ ...truth, phases: truth.phases.map(see) });

export const METERS: readonly MeterEntry[] = [
  { family: 'eastron-sdm', twin: 'sdm120', settings: { model: 'sdm120' } },
  { family: 'eastron-sdm', twin: 'sdm220', settings: { model: 'sdm220' } },
  { family: 'eastron-sdm', twin: 'sdm230', settings: { model: 'sdm230' } },
  { family: 'eastron-sdm', twin: 'sdm630', settings: { model: 'sdm630' } },
  { family: 'eastron-sdm', twin: 'sdm72', settings: { model: 'sdm72' } },
  {
    family: 'eastron-sdm',
    twin: 'sdm72-first',
    settings: { model: 'sdm72' },
    // It has no registers for its phases (eastron-sdm/driver.ts).
    seen: (truth) => ({ ...truth, phases: [] }),
  },
  {
    family: 'pzem-004t',
    twin: 'pzem',
    // Unsigned: it takes export for import, and counts only one energy (wire-formats B1).
    seen: (truth) => ({
      ...truth,
      powerMw: Math.abs(truth.powerMw),
      phases: truth.phases.map((phase) => ({ ...phase, powerMw: Math.abs(phase.powerMw ?? 0) })),
      energyExportMwh: null,
    }),
  },
  { family: 'dsmr-p1', twin: 'dsmr-v5' },
  { family: 'dsmr-p1', twin: 'dsmr-v5', phases: 1 },
  { family: 'dsmr-p1', twin: 'dsmr-v4', seen: phasesSeen((phase) => ({ ...phase, voltageMv: null })) },
  {
    family: 'dsmr-p1',
    twin: 'dsmr-v2',
    // Telegrams of v2.2 and v3 end with a bare "!" (wire-formats B3), and tell nothing of phases.
    isChecked: false,
    seen: (truth) => ({ ...truth, phases: [] }),
  },
  {
    family: 'dsmr-p1',
    twin: 'd0',
    // No CRC either, only power by phase and one energy (wire-formats B3).
    isChecked: false,
    seen: (truth) => ({
      ...truth,
      phases: truth.phases.map(({ powerMw }) => ({ voltageMv: null, currentMa: null, powerMw })),
      energyExportMwh: null,
    }),
  },
  { family: 'sml', twin: 'sml' },
];

/** Twins that no case is run on, each with its reason. */
export const NOT_READ: readonly MeterFlavourName[] = [
  // It tells no power before its PIN is entered (wire-formats B4): no reading comes, sml.test.ts.
  'sml-locked',
];

const TIMEOUT_MS = 300;

function parsed({ family, settings = {} }: MeterEntry, more: Readonly<Record<string, unknown>>): MeterSettings {
  return meterSettings.parse({
    id: 'meter',
    driver: family,
    path: '/dev/meter',
    measures: 'house',
    ...settings,
    ...more,
  });
}

function base({ family, twin, seen, phases = METER_FLAVOURS[twin].phases }: MeterEntry) {
  return {
    name: `${family} with ${twin}, phases: ${phases}`,
    places: inMemory,
    protocol: METER_FLAVOURS[twin].protocol,
    truths: truths(phases),
    seen: seen ?? ((truth: MeterReading) => truth),
  };
}

export function polledSubject(entry: MeterEntry): PolledSubject | null {
  const kind = meterKind(entry.family);
  if (kind.kind !== 'polled') return null;
  const settings = parsed(entry, { timeout_ms: TIMEOUT_MS });
  const baud = kind.baud(settings);
  return { ...base(entry), baud, timeoutMs: TIMEOUT_MS, create: (line: Line) => kind.create(settings, line, baud) };
}

export function pushedSubject(entry: MeterEntry): PushedSubject | null {
  const kind = meterKind(entry.family);
  const { protocol } = METER_FLAVOURS[entry.twin];
  if (kind.kind !== 'pushed' || protocol.kind !== 'pushed') return null;
  const settings = parsed(entry, {});
  return {
    ...base(entry),
    baud: settings.baud ?? 9600,
    isChecked: entry.isChecked ?? true,
    everyMs: protocol.everyMs,
    create: () => kind.create(settings),
  };
}
