import type { MeterReading } from '../meter.ts';
import type { RegisterRequest } from '../modbus/registers.ts';

/** PZEM-004T v3 (wire-formats B1): ten input registers; 32-bit values come low word first, all of them unsigned. */
export const PZEM_REGISTERS = 10;
const AT = { voltage: 0, current: 1, power: 3, energy: 5, frequency: 7, powerFactor: 8 } as const;

/** Answers to everybody: only where it is the one device on its line. */
export const ANY_UNIT = 0xf8;

/** In what unit the meter counts, in ours. */
const VOLTAGE_STEP_MV = 100;
const POWER_STEP_MW = 100;
const ENERGY_STEP_MWH = 1000;
/** What the twin says of the mains: tenths of a hertz, hundredths of a power factor. */
const MAINS_TENTHS_HZ = 500;
const UNITY = 100;

export function pzemRequest(unit: number): Extract<RegisterRequest, { quantity: number }> {
  return { kind: 'read_input', unit, address: 0, quantity: PZEM_REGISTERS };
}

/** Null where a register is missing. The meter cannot tell export from import: its export is not told, not 0. */
export function pzemReading(registers: readonly number[]): MeterReading | null {
  if (registers.length < PZEM_REGISTERS) return null;
  const powerMw = longAt(registers, AT.power) * POWER_STEP_MW;
  const voltageMv = (registers[AT.voltage] ?? 0) * VOLTAGE_STEP_MV;
  return {
    powerMw,
    phases: [{ voltageMv, currentMa: longAt(registers, AT.current), powerMw }],
    energyImportMwh: longAt(registers, AT.energy) * ENERGY_STEP_MWH,
    energyExportMwh: null,
  };
}

/** The registers of a meter that measures this; it takes export for import. */
export function pzemRegisters({ powerMw, phases, energyImportMwh }: MeterReading): number[] {
  const [phase] = phases;
  return [
    Math.round((phase?.voltageMv ?? 0) / VOLTAGE_STEP_MV),
    ...longWords(phase?.currentMa ?? 0),
    ...longWords(powerMw / POWER_STEP_MW),
    ...longWords((energyImportMwh ?? 0) / ENERGY_STEP_MWH),
    MAINS_TENTHS_HZ,
    UNITY,
    0,
  ];
}

function longAt(registers: readonly number[], at: number): number {
  // Not shifted: a high word above 7FFF would come out negative.
  return (registers[at] ?? 0) + (registers[at + 1] ?? 0) * 0x10000;
}

function longWords(value: number): [low: number, high: number] {
  const whole = Math.round(Math.abs(value));
  return [whole & 0xffff, Math.floor(whole / 0x10000) & 0xffff];
}
