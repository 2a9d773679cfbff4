import { z } from 'zod';
import type { RelayDriver } from './driver.ts';
import { createKmtronic } from './kmtronic/driver.ts';
import { kmtronicSettings } from './kmtronic/settings.ts';
import { createLcus } from './lcus/driver.ts';
import { lcusSettings } from './lcus/settings.ts';
import type { Line } from './line/line.ts';
import { createModbusCoils } from './modbus-coils/driver.ts';
import { modbusCoilsSettings } from './modbus-coils/settings.ts';
import { createModbusFc06 } from './modbus-fc06/driver.ts';
import { modbusFc06Settings } from './modbus-fc06/settings.ts';
import { createNumato } from './numato/driver.ts';
import { numatoSettings } from './numato/settings.ts';

/** A `buses` entry of the configuration. A new family adds its schema here and its line to RELAY_DRIVERS below. */
export const busSettings = z.discriminatedUnion('driver', [
  modbusCoilsSettings,
  modbusFc06Settings,
  lcusSettings,
  kmtronicSettings,
  numatoSettings,
]);
export type BusSettings = z.output<typeof busSettings>;

/** A family of relay boards, as the registry keeps it. */
export interface DriverKind {
  readonly kind: string;
  readonly settings: z.ZodType<BusSettings>;
  create(settings: BusSettings, line: Line): RelayDriver;
}

/** The schema is asked once more at creation: it is what makes the entry's own settings type true. */
export function driverKind<S extends BusSettings>(
  kind: string,
  settings: z.ZodType<S>,
  create: (settings: S, line: Line) => RelayDriver,
): DriverKind {
  return { kind, settings, create: (raw, line) => create(settings.parse(raw), line) };
}

/** The unit address, where boards of this family have one: those without cannot share a line. */
export function unitOf(bus: BusSettings): number | null {
  return 'unit' in bus ? bus.unit : null;
}

export class DriverRegistry {
  readonly #kinds = new Map<string, DriverKind>();

  constructor(kinds: readonly DriverKind[]) {
    for (const entry of kinds) {
      if (this.#kinds.has(entry.kind))
        throw new Error(`two relay drivers are named ${entry.kind}: rename one in relay-drivers/registry.ts`);
      this.#kinds.set(entry.kind, entry);
    }
  }

  get names(): string[] {
    return [...this.#kinds.keys()];
  }

  get(kind: string): DriverKind {
    const entry = this.#kinds.get(kind);
    if (!entry) throw new Error(`there is no relay driver ${kind}; there are: ${this.names.join(', ')}`);
    return entry;
  }
}

export const RELAY_DRIVERS = new DriverRegistry([
  driverKind('modbus-coils', modbusCoilsSettings, createModbusCoils),
  driverKind('modbus-fc06', modbusFc06Settings, createModbusFc06),
  driverKind('lcus', lcusSettings, createLcus),
  driverKind('kmtronic', kmtronicSettings, createKmtronic),
  driverKind('numato', numatoSettings, createNumato),
]);
