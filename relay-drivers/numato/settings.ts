import { z } from 'zod';
import { id, portPath, timeoutMs } from '../fields.ts';

/** Numato USB relay modules (wire-formats A5): CDC-ACM, so the baud rate means nothing. */
export const numatoSettings = z.strictObject({
  id,
  driver: z.literal('numato'),
  path: portPath,
  baud: z.int().min(300).max(1_000_000).default(115_200),
  parity: z.literal('none').default('none'),
  channels: z.literal([1, 2, 4, 8, 16, 32, 64]),
  timeout_ms: timeoutMs.optional(),
});

export type NumatoSettings = z.output<typeof numatoSettings>;
