import type { MeterReading, PhaseReading } from '../meter.ts';
import { BadInput, fieldsOf } from './bad-input.ts';
import { spread } from './flow.ts';
import type { MeterTwin } from './meter-twin.ts';

/** What a meter measures, in the control port's words: watts, volts, amperes and watt-hours. */

const FIELDS = ['power_w', 'phases', 'energy_import_wh', 'energy_export_wh'];
const PHASE_FIELDS = ['voltage_v', 'current_a', 'power_w'];
const MAX_PHASES = 3;
const MAX_W = 1_000_000;
const MAX_V = 1000;
const MAX_A = 10_000;
const MAX_WH = 1_000_000_000;

export function tellMeter({ unit, truth }: MeterTwin, index: number): Readonly<Record<string, unknown>> {
  return {
    meter: index + 1,
    unit,
    power_w: truth.powerMw / 1000,
    phases: truth.phases.map(({ voltageMv, currentMa, powerMw }) => ({
      voltage_v: thousandth(voltageMv),
      current_a: thousandth(currentMa),
      power_w: thousandth(powerMw),
    })),
    energy_import_wh: thousandth(truth.energyImportMwh),
    energy_export_wh: thousandth(truth.energyExportMwh),
  };
}

/**
 * What somebody wants measured; null with `power_w: null`, which is what flows again. Phases that are not named share
 * the power, energy that is not named stays as it is. Throws `BadInput`.
 */
export function parseTruth(body: unknown, before: MeterReading): MeterReading | null {
  const fields = fieldsOf(body, FIELDS);
  if (fields.power_w === null && Object.keys(fields).length === 1) return null;
  const powerMw = thousand(fields.power_w, 'power_w', -MAX_W, MAX_W);
  const energy = (name: string, wasMwh: number | null) =>
    fields[name] === undefined ? wasMwh : thousandOrNull(fields[name], name, 0, MAX_WH);
  return {
    powerMw,
    phases: fields.phases === undefined ? spread(powerMw, before.phases.length) : phasesOf(fields.phases),
    energyImportMwh: energy('energy_import_wh', before.energyImportMwh),
    energyExportMwh: energy('energy_export_wh', before.energyExportMwh),
  };
}

function phasesOf(value: unknown): PhaseReading[] {
  if (!Array.isArray(value) || value.length > MAX_PHASES)
    throw new BadInput('phases', `expected a list of at most ${MAX_PHASES} phases`);
  return value.map((phase: unknown, index) => {
    const at = `phases.${index}`;
    const fields = fieldsOf(phase, PHASE_FIELDS);
    return {
      voltageMv: thousandOrNull(fields.voltage_v, `${at}.voltage_v`, 0, MAX_V),
      currentMa: thousandOrNull(fields.current_a, `${at}.current_a`, 0, MAX_A),
      powerMw: thousandOrNull(fields.power_w, `${at}.power_w`, -MAX_W, MAX_W),
    };
  });
}

/** What is not told the meter does not know. */
function thousandOrNull(value: unknown, path: string, low: number, high: number): number | null {
  return value === undefined || value === null ? null : thousand(value, path, low, high);
}

function thousand(value: unknown, path: string, low: number, high: number): number {
  if (typeof value === 'number' && value >= low && value <= high) return Math.round(value * 1000);
  throw new BadInput(path, `expected a number from ${low} to ${high}`);
}

function thousandth(value: number | null): number | null {
  return value === null ? null : value / 1000;
}
