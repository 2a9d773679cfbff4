import { z } from 'zod';
import { meterFields, parity, portPath } from '../fields.ts';

/** An optical head on a German meter (wire-formats B4): it pushes, so the port is its own. */
export const smlSettings = z.strictObject({
  driver: z.literal('sml'),
  ...meterFields,
  path: portPath,
  baud: z.int().min(300).max(1_000_000).default(9600),
  parity: parity.default('none'),
  period_s: z.number().min(0.5).max(3600).default(4),
});

export type SmlSettings = z.output<typeof smlSettings>;
