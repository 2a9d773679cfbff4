import type { MeterReading, PhaseReading } from '../meter.ts';
import { field, type Json, listIn, objectIn } from '../plugs/words/json.ts';
import { mwhOfKwh, thousandths } from '../plugs/words/quantities.ts';

/** A value of ENERGY: one for all, or one for each channel or phase. */
interface Told {
  readonly isEach: boolean;
  readonly values: readonly (number | null)[];
}

type ToInteger = (value: Json | undefined) => number | null;

/**
 * The readings in an ENERGY object, index 0 for channel 1; null where it tells no power (wire-formats C1: `Power`, `Current`
 * and `Total` may be arrays, `Total` an object). A device of one relay with several values has phases: they are one
 * reading. A device of several relays with another number of values than relays has a meter that belongs to none of them.
 */
export function readingsIn(energy: Json | undefined, channels: number): readonly (MeterReading | null)[] {
  const power = told(field(energy, 'Power'), thousandths);
  if (channels === 1) return [wholeReading(energy, power.values)];
  const isPerChannel = power.isEach && power.values.length === channels;
  return Array.from({ length: channels }, (_, index) => (isPerChannel ? channelReading(energy, power, index) : null));
}

function wholeReading(energy: Json | undefined, powers: readonly (number | null)[]): MeterReading | null {
  const powerMw = sum(powers);
  if (powerMw === null) return null;
  return {
    powerMw,
    phases: powers.map((_, index) => phaseIn(energy, index)),
    energyImportMwh: sum(told(field(energy, 'Total'), mwhOfKwh).values),
    energyExportMwh: sum(told(field(energy, 'ExportActive'), mwhOfKwh).values),
  };
}

function channelReading(energy: Json | undefined, power: Told, index: number): MeterReading | null {
  const powerMw = power.values[index] ?? null;
  if (powerMw === null) return null;
  // A total of all channels together belongs to none of them.
  const own = (name: string) => {
    const { isEach, values } = told(field(energy, name), mwhOfKwh);
    return isEach && values.length === power.values.length ? (values[index] ?? null) : null;
  };
  const phase = phaseIn(energy, index);
  return { powerMw, phases: [phase], energyImportMwh: own('Total'), energyExportMwh: own('ExportActive') };
}

/** All channels may share a voltage; a current of all together is that of none. */
function phaseIn(energy: Json | undefined, index: number): PhaseReading {
  const voltage = told(field(energy, 'Voltage'), thousandths);
  const current = told(field(energy, 'Current'), thousandths);
  const power = told(field(energy, 'Power'), thousandths);
  return {
    voltageMv: (voltage.isEach ? voltage.values[index] : voltage.values[0]) ?? null,
    currentMa: (current.isEach || !power.isEach ? current.values[index] : null) ?? null,
    powerMw: power.values[index] ?? null,
  };
}

function told(value: Json | undefined, toInteger: ToInteger): Told {
  const object = objectIn(value);
  const each = object ? Object.values(object) : listIn(value);
  // No device has more: it comes from somebody else.
  if (each && each.length > 32) return { isEach: true, values: [] };
  if (each) return { isEach: true, values: each.map(toInteger) };
  return { isEach: false, values: value === undefined ? [] : [toInteger(value)] };
}

/** Null where one of them is missing: the rest is not the whole. */
function sum(values: readonly (number | null)[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((all, value) => (all === null || value === null ? null : safe(all + value)), 0);
}

function safe(value: number): number | null {
  return Number.isSafeInteger(value) ? value : null;
}
