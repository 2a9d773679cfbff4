import { z } from 'zod';
import { hasOneLine, id, ONE_LINE, parity, polledFields, portPath, timeoutMs } from '../fields.ts';

/** A `buses` entry. Strict: a key that nobody knows is an error, and the configuration says which was meant. */
export const skeletonSettings = z.strictObject({
  id,
  driver: z.literal('skeleton'),
  path: portPath,
  baud: z.literal([9600, 19_200]).default(9600),
  parity: parity.default('none'),
  /** Boards with an address may share a line; without a `unit` field each needs a port of its own. */
  unit: z.int().min(1).max(247).default(1),
  channels: z.int().min(1).max(8),
  timeout_ms: timeoutMs.optional(),
});

export type SkeletonSettings = z.output<typeof skeletonSettings>;

/** A `meters` entry of a meter that is asked: on the line of a `buses` entry, or on a port of its own. */
export const skeletonMeterSettings = z
  .strictObject({
    driver: z.literal('skeleton-meter'),
    ...polledFields,
    unit: z.int().min(1).max(247).default(2),
  })
  .refine(hasOneLine, ONE_LINE);

export type SkeletonMeterSettings = z.output<typeof skeletonMeterSettings>;
