import type { PhaseReading } from '../meter.ts';
import type { RegisterRequest } from '../modbus/registers.ts';

/** Input registers of SDM meters: each value is a 32-bit float in two registers, high word first (wire-formats B2). */
export const SDM_REGISTER = {
  voltage: 0x0000,
  current: 0x0006,
  power: 0x000c,
  totalPower: 0x0034,
  frequency: 0x0046,
  importEnergy: 0x0048,
  exportEnergy: 0x004a,
  totalEnergy: 0x0156,
} as const;

/** More in one read and an SDM630 refuses. */
export const MAX_SDM_REGISTERS = 80;

/** What one exchange asks for: start and quantity are even, for half a float is refused. */
export interface Block {
  readonly name: string;
  readonly address: number;
  readonly quantity: number;
}

/**
 * As few registers as tell V, A and W: an OFF that comes meanwhile waits for the exchange under way. The registers in
 * between, which a meter of one phase has not, are no hindrance: a real SDM120 answered 80 at once (wire-formats B2).
 */
export const ONE_PHASE: Block = { name: 'voltage, current and power', address: 0, quantity: 14 };
export const THREE_PHASES: Block = { name: 'voltages, currents and powers', address: 0, quantity: 18 };
/** Asked beside the phases: in a three-wire system only the total tells power. */
export const TOTAL: Block = { name: 'total power', address: SDM_REGISTER.totalPower, quantity: 2 };
export const ENERGIES: Block = { name: 'energies', address: SDM_REGISTER.importEnergy, quantity: 4 };

export function blockRequest(
  unit: number,
  { address, quantity }: Block,
): Extract<RegisterRequest, { quantity: number }> {
  return { kind: 'read_input', unit, address, quantity };
}

/** The float whose first word is at `index`; NaN where there is none. */
export function floatAt(words: readonly number[], index: number): number {
  const [high, low] = [words[index], words[index + 1]];
  if (high === undefined || low === undefined) return Number.NaN;
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, high);
  view.setUint16(2, low);
  return view.getFloat32(0);
}

export function floatWords(value: number): [high: number, low: number] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint16(0), view.getUint16(2)];
}

/** From ONE_PHASE or THREE_PHASES; the registers of a quantity stand side by side for the three phases. */
export function phasesIn(words: readonly number[], count: number): PhaseReading[] {
  return Array.from({ length: count }, (_, phase) => ({
    voltageMv: scaled(floatAt(words, SDM_REGISTER.voltage + 2 * phase), 1000),
    currentMa: scaled(floatAt(words, SDM_REGISTER.current + 2 * phase), 1000),
    powerMw: scaled(floatAt(words, SDM_REGISTER.power + 2 * phase), 1000),
  }));
}

/** From TOTAL: import positive, export negative. */
export function totalPowerIn(words: readonly number[]): number | null {
  return scaled(floatAt(words, 0), 1000);
}

export interface Energies {
  readonly energyImportMwh: number | null;
  readonly energyExportMwh: number | null;
}

/** From ENERGIES, which are kilowatt-hours. */
export function energiesIn(words: readonly number[]): Energies {
  return {
    energyImportMwh: scaled(floatAt(words, 0), 1_000_000),
    energyExportMwh: scaled(floatAt(words, SDM_REGISTER.exportEnergy - SDM_REGISTER.importEnergy), 1_000_000),
  };
}

/** NaN, infinity and what no meter can measure are no values: null. */
function scaled(value: number, factor: number): number | null {
  const whole = Math.round(value * factor);
  // Plus 0: a tiny export must not become -0.
  return Number.isSafeInteger(whole) ? whole + 0 : null;
}
