import { z } from 'zod';
import { type PlugSettings, plugSettings } from '../../relay-drivers/plug-registry.ts';
import { type BusSettings, busSettings } from '../../relay-drivers/registry.ts';

/** Boards on serial lines and devices on MQTT stand in one list: the driver tells which it is. */
export const busEntry = z.discriminatedUnion('driver', [...busSettings.options, ...plugSettings.options]);
export type BusEntry = BusSettings | PlugSettings;

const PLUG_NAMES: ReadonlySet<unknown> = new Set(plugSettings.options.map(({ shape }) => shape.driver.value));

export function isPlugDriver(driver: unknown): boolean {
  return PLUG_NAMES.has(driver);
}

export function isPlug(entry: BusEntry): entry is PlugSettings {
  return isPlugDriver(entry.driver);
}

export function isBoard(entry: BusEntry): entry is BusSettings {
  return !isPlugDriver(entry.driver);
}
