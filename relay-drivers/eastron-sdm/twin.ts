import type { MeterReading } from '../meter.ts';
import { isSealed, sealed } from '../modbus/crc.ts';
import { decodeRegisterRequest, encodeRegistersReply, REGISTER_FC } from '../modbus/registers.ts';
import type { MeterProtocol } from '../simulator/meter-twin.ts';
import { floatWords, MAX_SDM_REGISTERS, SDM_REGISTER } from './codec.ts';
import { MODELS, type SdmModel } from './models.ts';

const FACTORY_UNIT = 1;
const MAINS_HZ = 50;
/** Behind the last register of the manuals' tables. */
const REGISTERS_END = 0x0400;
/** Of its settings the twin has one: the width of its pulses in ms (a vendor's example, wire-formats B2). */
const PULSE_WIDTH = { address: 0x000c, ms: 100 } as const;

export interface SdmTwinQuirks {
  /** The first SDM72 has no registers below the total power. */
  readonly isFirstSdm72?: boolean;
}

/** A simulated SDM meter. What the truth does not tell (null) it tells as NaN; a phase without a wire reads 0. */
export function sdmTwin(model: SdmModel, quirks: SdmTwinQuirks = {}): MeterProtocol {
  const lowest = quirks.isFirstSdm72 ? SDM_REGISTER.totalPower : 0;
  return {
    kind: 'polled',
    unit: FACTORY_UNIT,
    hear: (frame, unit, truth) => {
      if (frame[0] !== unit || !isSealed(frame, 0, frame.length)) return null;
      const code = frame[1] ?? 0;
      const request = decodeRegisterRequest(frame);
      if (request === null || request.kind === 'write_register') return refusal(unit, code, 1);
      const { address, quantity } = request;
      const exception = fault(address, quantity, lowest);
      if (exception !== null) return refusal(unit, code, exception);
      return code === REGISTER_FC.readInput
        ? encodeRegistersReply(unit, code, words(inputs(MODELS[model].phases, truth), address, quantity))
        : settingsReply(unit, address, quantity);
    },
  };
}

/** Half a float cannot be asked for, nor more than fits into the meter's buffer. */
function fault(address: number, quantity: number, lowest: number): 2 | 3 | null {
  if (quantity === 0 || quantity % 2 === 1 || quantity > MAX_SDM_REGISTERS) return 3;
  if (address % 2 === 1 || address < lowest || address + quantity > REGISTERS_END) return 2;
  return null;
}

function settingsReply(unit: number, address: number, quantity: number): Uint8Array {
  if (address !== PULSE_WIDTH.address || quantity !== 2) return refusal(unit, REGISTER_FC.readHolding, 2);
  return encodeRegistersReply(unit, REGISTER_FC.readHolding, floatWords(PULSE_WIDTH.ms));
}

function refusal(unit: number, functionCode: number, exception: 1 | 2 | 3): Uint8Array {
  return sealed([unit, functionCode | 0x80, exception]);
}

function words(values: ReadonlyMap<number, number>, address: number, quantity: number): number[] {
  return Array.from({ length: quantity / 2 }, (_, index) => floatWords(values.get(address + 2 * index) ?? 0)).flat();
}

function inputs(phaseCount: 1 | 3, truth: MeterReading): ReadonlyMap<number, number> {
  const [importKwh, exportKwh] = [told(truth.energyImportMwh, 1e6), told(truth.energyExportMwh, 1e6)];
  return new Map([
    ...truth.phases.slice(0, phaseCount).flatMap(({ voltageMv, currentMa, powerMw }, phase): [number, number][] => [
      [SDM_REGISTER.voltage + 2 * phase, told(voltageMv, 1000)],
      [SDM_REGISTER.current + 2 * phase, told(currentMa, 1000)],
      [SDM_REGISTER.power + 2 * phase, told(powerMw, 1000)],
    ]),
    [SDM_REGISTER.totalPower, truth.powerMw / 1000],
    [SDM_REGISTER.frequency, MAINS_HZ],
    [SDM_REGISTER.importEnergy, importKwh],
    [SDM_REGISTER.exportEnergy, exportKwh],
    [SDM_REGISTER.totalEnergy, importKwh + exportKwh],
    // A meter of one phase tells its power there.
    ...(phaseCount === 1 ? ([[SDM_REGISTER.power, truth.powerMw / 1000]] as const) : []),
  ]);
}

function told(value: number | null, divisor: number): number {
  return value === null ? Number.NaN : value / divisor;
}
