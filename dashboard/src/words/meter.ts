import { targetOf } from '../state/meters.ts';
import type { MeterView } from '../wire.ts';
import { sayAge } from './time.ts';
import { sayMeasured } from './watts.ts';

export interface MeterWords {
  /** `the house`, `circuit kitchen`, `Oven`. */
  readonly measures: string;
  /** The figure; a meter that never spoke has none, and none is not 0 W. */
  readonly power: string;
  /** What the figure is: import, export, or an old value. */
  readonly meaning: string;
  /** Null while the figure is one of now. */
  readonly age: string | null;
  /** What is probably wrong, and what to try. */
  readonly fault: string | null;
}

export interface Moment {
  readonly nowMs: number;
  /** The line to the hub is up: else even a fresh meter's word is old. */
  readonly isLive: boolean;
}

export function sayMeter(meter: MeterView, moment: Moment, nameOf: (id: string) => string): MeterWords {
  const { power_w: powerW, fault } = meter;
  const age = sayMeterAge(meter, moment);
  const flow = powerW === null ? '' : sayFlow(powerW);
  return {
    measures: sayTarget(meter.measures, nameOf),
    power: powerW === null ? 'No value' : sayMeasured(powerW),
    meaning: age === null ? flow : powerW === null ? '' : `last value${flow === '' ? '' : `, ${flow}`}`,
    age,
    fault: fault === null ? null : sentence(fault),
  };
}

/** `Stale: last value 42 s ago`; null when the figures are those of now. */
export function sayMeterAge({ stale, at }: Pick<MeterView, 'stale' | 'at'>, { nowMs, isLive }: Moment): string | null {
  if (at === null) return 'Stale: nothing was heard of it yet';
  if (!stale && isLive) return null;
  const ago = sayAge(nowMs - Date.parse(at));
  return stale ? `Stale: last value ${ago} ago` : `Last known, ${ago} ago`;
}

export function sayTarget(measures: string, nameOf: (id: string) => string): string {
  const target = targetOf(measures);
  if (target.kind === 'house') return 'the house';
  return target.kind === 'circuit' ? `circuit ${target.id}` : nameOf(target.id);
}

/** Which way it flows, seen from what is measured. */
export function sayFlow(powerW: number): 'import' | 'export' | '' {
  if (powerW === 0) return '';
  return powerW > 0 ? 'import' : 'export';
}

/** `12345.7 kWh`, `0.85 kWh`. */
export function sayEnergy(wh: number): string {
  const kwh = wh / 1000;
  return `${kwh.toFixed(kwh < 100 ? 2 : 1)} kWh`;
}

export interface PhaseWords {
  readonly name: string;
  /** Null: the meter does not tell. */
  readonly voltage: string | null;
  readonly current: string | null;
  readonly power: string | null;
}

export function sayPhases({ phases }: Pick<MeterView, 'phases'>): readonly PhaseWords[] {
  return phases.map(({ voltage_v: volts, current_a: amperes, power_w: watts }, index) => ({
    name: `L${index + 1}`,
    voltage: volts === null ? null : `${volts.toFixed(1)} V`,
    current: amperes === null ? null : `${amperes.toFixed(2)} A`,
    power: watts === null ? null : `${sayMeasured(watts)}${watts < 0 ? ' export' : ''}`,
  }));
}

/** `1204.6 kWh import, 320.1 kWh export`; null when it counts neither. */
export function sayEnergies(meter: Pick<MeterView, 'energy_import_wh' | 'energy_export_wh'>): string | null {
  const { energy_import_wh: imported, energy_export_wh: exported } = meter;
  const parts = [
    imported === null ? null : `${sayEnergy(imported)} import`,
    exported === null ? null : `${sayEnergy(exported)} export`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}

/** The hub's words are clauses that go on in a log line. */
export function sentence(text: string): string {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
