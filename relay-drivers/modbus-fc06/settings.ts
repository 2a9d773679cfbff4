import { z } from 'zod';
import { id, parity, portPath, timeoutMs } from '../fields.ts';

/** R421A08, R4D8A08 and their like (wire-formats A2): the address is set by DIP switches. */
export const modbusFc06Settings = z.strictObject({
  id,
  driver: z.literal('modbus-fc06'),
  path: portPath,
  baud: z.literal([1200, 2400, 4800, 9600, 19_200]).default(9600),
  parity: parity.default('none'),
  unit: z.int().min(1).max(63).default(1),
  channels: z.int().min(1).max(32),
  timeout_ms: timeoutMs.optional(),
});

export type ModbusFc06Settings = z.output<typeof modbusFc06Settings>;
