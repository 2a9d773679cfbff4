import type { MeterReading, PhaseReading } from '../meter.ts';

/**
 * OBIS registers of electricity (the tables of wire-formats B3 and B4), named C.D.E. Values are integers in mW, mV, mA
 * and mWh; SML and P1 meters use the same names.
 */
export type Registers = ReadonlyMap<string, number>;

export type Quantity = 'power' | 'voltage' | 'current' | 'energy';

interface PhaseNames {
  readonly net: string;
  readonly imported: string;
  readonly exported: string;
  readonly voltage: string;
  readonly current: string;
}

const TOTAL = { net: '16.7.0', imported: '1.7.0', exported: '2.7.0' };
const PHASES: readonly PhaseNames[] = [20, 40, 60].map(phaseNames);
const IMPORTED = energyNames(1);
const EXPORTED = energyNames(2);

const QUANTITIES: ReadonlyMap<string, Quantity> = new Map<string, Quantity>([
  ...[TOTAL, ...PHASES].flatMap(({ net, imported, exported }) =>
    [net, imported, exported].map((name) => [name, 'power'] as const),
  ),
  ...PHASES.flatMap(({ voltage, current }) => [[voltage, 'voltage'] as const, [current, 'current'] as const]),
  ...[IMPORTED, EXPORTED].flatMap(({ total, tariffs }) => [total, ...tariffs].map((name) => [name, 'energy'] as const)),
]);

/** What a register measures; null where it is none of those that are read. */
export function quantityOf(name: string): Quantity | null {
  return QUANTITIES.get(name) ?? null;
}

/** Null where the registers do not tell the power. */
export function readingOf(registers: Registers): MeterReading | null {
  const powerMw = netPower(registers, TOTAL);
  if (powerMw === null) return null;
  return {
    powerMw,
    phases: phasesOf(registers),
    energyImportMwh: energyOf(registers, IMPORTED),
    energyExportMwh: energyOf(registers, EXPORTED),
  };
}

/**
 * One signed register, or import less export. A meter that only imports has no export register; an export alone is not
 * taken for the whole, since the line before it may have been lost.
 */
function netPower(registers: Registers, { net, imported, exported }: typeof TOTAL): number | null {
  const signed = registers.get(net);
  if (signed !== undefined) return signed;
  const drawn = registers.get(imported);
  return drawn === undefined ? null : drawn - (registers.get(exported) ?? 0);
}

/** As many as the meter speaks of: a single-phase meter has no lines for L2 and L3. */
function phasesOf(registers: Registers): PhaseReading[] {
  const count = PHASES.findLastIndex((names) => Object.values(names).some((name) => registers.has(name))) + 1;
  return PHASES.slice(0, count).map((names) => ({
    voltageMv: registers.get(names.voltage) ?? null,
    currentMa: registers.get(names.current) ?? null,
    powerMw: netPower(registers, names),
  }));
}

function energyOf(registers: Registers, { total, tariffs }: typeof IMPORTED): number | null {
  const whole = registers.get(total);
  if (whole !== undefined) return whole;
  const parts = tariffs.map((name) => registers.get(name)).filter((part) => part !== undefined);
  if (parts.length === 0) return null;
  const sum = parts.reduce((all, part) => all + part, 0);
  return Number.isSafeInteger(sum) ? sum : null;
}

function phaseNames(base: number): PhaseNames {
  const name = (offset: number) => `${base + offset}.7.0`;
  return { net: name(16), imported: name(1), exported: name(2), voltage: name(12), current: name(11) };
}

function energyNames(direction: number): { readonly total: string; readonly tariffs: readonly string[] } {
  const name = (tariff: number) => `${direction}.8.${tariff}`;
  return { total: name(0), tariffs: [1, 2, 3, 4].map(name) };
}
