import { z } from 'zod';
import { createDsmrP1 } from './dsmr-p1/driver.ts';
import { dsmrP1Settings } from './dsmr-p1/settings.ts';
import { createEastronSdm } from './eastron-sdm/driver.ts';
import { MODELS } from './eastron-sdm/models.ts';
import { eastronSdmSettings } from './eastron-sdm/settings.ts';
import type { Line } from './line/line.ts';
import type { PolledMeter, PushedMeter } from './meter.ts';
import { createPzem004t, PZEM_BAUD } from './pzem-004t/driver.ts';
import { pzem004tSettings } from './pzem-004t/settings.ts';
import { createSml } from './sml/driver.ts';
import { smlSettings } from './sml/settings.ts';

/** A `meters` entry of the configuration. A new family adds its schema here and its line to METER_DRIVERS below. */
export const meterSettings = z.discriminatedUnion('driver', [
  dsmrP1Settings,
  eastronSdmSettings,
  pzem004tSettings,
  smlSettings,
]);
export type MeterSettings = z.output<typeof meterSettings>;

/** A family of meters, as the registry keeps it. */
export type MeterKind =
  | {
      readonly kind: 'polled';
      /** The factory's, for a meter with a port of its own. */
      readonly baud: (settings: MeterSettings) => number;
      create(settings: MeterSettings, line: Line, baud: number): PolledMeter;
    }
  | { readonly kind: 'pushed'; create(settings: MeterSettings): PushedMeter };

/** The schema is asked once more at creation: it is what makes the entry's own settings type true. */
export function polledKind<S extends MeterSettings>(
  settings: z.ZodType<S>,
  baud: (settings: S) => number,
  create: (settings: S, line: Line, baud: number) => PolledMeter,
): MeterKind {
  return {
    kind: 'polled',
    baud: (raw) => baud(settings.parse(raw)),
    create: (raw, line, lineBaud) => create(settings.parse(raw), line, lineBaud),
  };
}

export function pushedKind<S extends MeterSettings>(
  settings: z.ZodType<S>,
  create: (settings: S) => PushedMeter,
): MeterKind {
  return { kind: 'pushed', create: (raw) => create(settings.parse(raw)) };
}

export const METER_DRIVERS: ReadonlyMap<string, MeterKind> = new Map<MeterSettings['driver'], MeterKind>([
  ['dsmr-p1', pushedKind(dsmrP1Settings, createDsmrP1)],
  ['eastron-sdm', polledKind(eastronSdmSettings, ({ model }) => MODELS[model].factoryBaud, createEastronSdm)],
  ['pzem-004t', polledKind(pzem004tSettings, () => PZEM_BAUD, createPzem004t)],
  ['sml', pushedKind(smlSettings, createSml)],
]);

export function meterKind(name: string): MeterKind {
  const kind = METER_DRIVERS.get(name);
  if (!kind) throw new Error(`there is no meter driver ${name}; there are: ${[...METER_DRIVERS.keys()].join(', ')}`);
  return kind;
}
