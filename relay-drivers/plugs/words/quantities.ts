import type { MeterReading } from '../../meter.ts';
import type { Json } from './json.ts';

/**
 * Numbers of devices to the integers of `MeterReading`. Whatever is no finite number (`null`, `"nan"`, an object) is null,
 * never 0: a device that tells nothing may draw anything.
 */

/** W -> mW, V -> mV, A -> mA, Wh -> mWh. */
export function thousandths(value: Json | undefined): number | null {
  return rounded(value, 1000);
}

/** kWh -> mWh. */
export function mwhOfKwh(value: Json | undefined): number | null {
  return rounded(value, 1_000_000);
}

/** Watt-minutes (Shelly Gen1) -> mWh. */
export function mwhOfWattMinutes(value: Json | undefined): number | null {
  return rounded(value, 1000 / 60);
}

/** `value * factor`, rounded. Null where that is no safe integer. */
export function rounded(value: Json | undefined, factor: number): number | null {
  if (typeof value !== 'number') return null;
  const whole = Math.round(value * factor);
  // No minus zero: it reads as one.
  return Number.isSafeInteger(whole) ? whole + 0 : null;
}

const DECIMAL = /^[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,3})?$/;

/** A number that stands alone in a payload or in a string. `nan`, `inf`, units and hexadecimal are none. */
export function numberIn(text: string | null): number | null {
  const trimmed = text?.trim() ?? '';
  return DECIMAL.test(trimmed) ? Number(trimmed) : null;
}

export interface Measured {
  readonly powerMw: number;
  readonly voltageMv?: number | null;
  readonly currentMa?: number | null;
  readonly energyImportMwh?: number | null;
  readonly energyExportMwh?: number | null;
}

/** A plug is on one phase, and that phase is all it measures. */
export function onePhase(measured: Measured): MeterReading {
  const { powerMw, voltageMv = null, currentMa = null, energyImportMwh = null, energyExportMwh = null } = measured;
  return { powerMw, phases: [{ voltageMv, currentMa, powerMw }], energyImportMwh, energyExportMwh };
}
