import { DriverError, type Terms } from '../driver.ts';
import type { Line } from '../line/line.ts';
import type { MeterReading, PolledMeter } from '../meter.ts';
import { registerReadMs } from '../modbus/exchange-time.ts';
import { meterTimeoutMs, readRegisters } from '../modbus/read-registers.ts';
import { PZEM_REGISTERS, pzemReading, pzemRequest } from './codec.ts';
import type { Pzem004tSettings } from './settings.ts';

/** What the meter always speaks (wire-formats B1). */
export const PZEM_BAUD = 9600;

/** PZEM-004T v3: one exchange tells everything. */
export function createPzem004t(settings: Pzem004tSettings, line: Line, baud: number): PolledMeter {
  return {
    kind: 'polled',
    lineTimeMs: registerReadMs(baud, PZEM_REGISTERS),
    read: (terms) => read(settings, line, baud, terms),
  };
}

async function read(settings: Pzem004tSettings, line: Line, baud: number, terms: Terms): Promise<MeterReading> {
  const label = `meter ${settings.id} (unit ${settings.unit})`;
  const timeoutMs = settings.timeout_ms ?? meterTimeoutMs(baud, PZEM_REGISTERS);
  const registers = await readRegisters(line, { label, request: pzemRequest(settings.unit), timeoutMs }, terms);
  const reading = pzemReading(registers);
  if (reading === null) throw new DriverError('exception', `${label}: its answer is not that of a PZEM-004T v3`);
  return reading;
}
