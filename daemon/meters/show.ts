import type { MeterReading, PhaseReading } from '../../relay-drivers/meter.ts';
import type { Meter } from '../../relay-drivers/meters.ts';
import type { MeterView, PhaseView } from '../core/views.ts';
import { MAX_MW } from '../core/watts.ts';

/** The power decides: a reading without it, or with one that no house draws, is none. Null where it is sound. */
export function unsoundness({ powerMw }: MeterReading): string | null {
  if (!Number.isSafeInteger(powerMw)) return 'it said a power that is no number: check its model in the configuration';
  if (Math.abs(powerMw) <= MAX_MW) return null;
  return `it said an implausible ${powerMw / 1000} W: check its model in the configuration and its wiring`;
}

export function showMeter(
  { id, settings: { driver, measures } }: Meter,
  last: { readonly reading: MeterReading; readonly atWallMs: number } | null,
  stale: boolean,
  fault: string | null,
): MeterView {
  const reading = last?.reading;
  return {
    id,
    driver,
    measures,
    power_w: units(reading?.powerMw),
    phases: (reading?.phases ?? []).map(showPhase),
    energy_import_wh: units(reading?.energyImportMwh),
    energy_export_wh: units(reading?.energyExportMwh),
    stale,
    fault,
    at: last === null ? null : new Date(last.atWallMs).toISOString(),
  };
}

function showPhase({ voltageMv, currentMa, powerMw }: PhaseReading): PhaseView {
  return { voltage_v: units(voltageMv), current_a: units(currentMa), power_w: units(powerMw) };
}

/** From thousandths; what was not told, or is no number, is null. */
function units(thousandths: number | null | undefined): number | null {
  return thousandths === null || thousandths === undefined || !Number.isSafeInteger(thousandths)
    ? null
    : thousandths / 1000;
}
