import type { z } from 'zod';
import { type BusSettings, type DriverKind, DriverRegistry } from '../../relay-drivers/registry.ts';
import { createSkeleton } from '../../relay-drivers/skeleton/driver.ts';
import { createSkeletonMeter } from '../../relay-drivers/skeleton/meter-driver.ts';
import { skeletonMeterSettings, skeletonSettings } from '../../relay-drivers/skeleton/settings.ts';
import { SKELETON_METER_TWIN, SKELETON_TWIN } from '../../relay-drivers/skeleton/twin.ts';
import type { PolledSubject } from './meter-world.ts';
import { truths } from './meters.ts';
import { inMemory } from './places.ts';
import type { RelaySubject } from './relay-world.ts';
import { ALL, relaySubject } from './relays.ts';

/** A schema that is in no union of the product; the registry asks it, and it is what makes the settings true. */
const kind: DriverKind = {
  kind: 'skeleton',
  settings: skeletonSettings as unknown as z.ZodType<BusSettings>,
  create: (raw, line) => createSkeleton(skeletonSettings.parse(raw), line),
};

/** A registry of its own: the product's has no skeleton. */
export const SKELETON_REGISTRY = new DriverRegistry([kind]);

export const SKELETON: RelaySubject = relaySubject({
  name: 'skeleton',
  kind: SKELETON_REGISTRY.get('skeleton'),
  flavour: SKELETON_TWIN,
  channels: 8,
  abilities: ALL,
});

const meter = skeletonMeterSettings.parse({
  id: 'meter',
  driver: 'skeleton-meter',
  path: '/dev/meter',
  measures: 'house',
  timeout_ms: 300,
});

export const SKELETON_METER: PolledSubject = {
  name: 'skeleton-meter',
  places: inMemory,
  protocol: SKELETON_METER_TWIN,
  baud: 9600,
  timeoutMs: 300,
  truths: truths(1),
  seen: ({ powerMw }) => ({ powerMw, phases: [], energyImportMwh: null, energyExportMwh: null }),
  create: (line) => createSkeletonMeter(meter, line, 9600),
};
