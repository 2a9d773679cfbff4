import { z } from 'zod';
import { meterFields, parity, portPath } from '../fields.ts';

/** A P1 port (wire-formats B3): it pushes, so the port is its own. */
export const dsmrP1Settings = z.strictObject({
  driver: z.literal('dsmr-p1'),
  ...meterFields,
  path: portPath,
  /** v4 and v5: 115200 8N1. v2 and v3: 9600 7E1. */
  baud: z.int().min(300).max(1_000_000).default(115_200),
  data_bits: z.literal([7, 8]).default(8),
  parity: parity.default('none'),
  /** How often the meter talks: every second for v5, every ten for the others; the longer one, so that neither flaps. */
  period_s: z.number().min(0.5).max(3600).default(10),
});

export type DsmrP1Settings = z.output<typeof dsmrP1Settings>;
