import { z } from 'zod';
import { id, offWithoutProof, portPath, timeoutMs } from '../fields.ts';

/** LCUS-1/2/4/8 USB boards (wire-formats A3): one board per port, no address. Which firmware it is, is found by asking. */
export const lcusSettings = z.strictObject({
  id,
  driver: z.literal('lcus'),
  path: portPath,
  baud: z.literal(9600).default(9600),
  parity: z.literal('none').default('none'),
  channels: z.int().min(1).max(8),
  off_without_proof: offWithoutProof,
  timeout_ms: timeoutMs.optional(),
});

export type LcusSettings = z.output<typeof lcusSettings>;
