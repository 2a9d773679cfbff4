import { z } from 'zod';
import { id, offWithoutProof, portPath, timeoutMs } from '../fields.ts';

/** KMtronic USB and RS485 boards (wire-formats A4): one board per port. */
export const kmtronicSettings = z.strictObject({
  id,
  driver: z.literal('kmtronic'),
  path: portPath,
  baud: z.literal(9600).default(9600),
  parity: z.literal('none').default('none'),
  channels: z.literal([1, 2, 4, 8]),
  off_without_proof: offWithoutProof,
  timeout_ms: timeoutMs.optional(),
});

export type KmtronicSettings = z.output<typeof kmtronicSettings>;
