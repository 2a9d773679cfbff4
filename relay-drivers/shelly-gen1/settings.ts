import { z } from 'zod';
import { plugFields, topic } from '../plugs/settings.ts';

export const shellyGen1Settings = z.strictObject({
  ...plugFields,
  driver: z.literal('shelly-gen1'),
  /** `shellies/<id>`, or what the device was given instead of it. */
  prefix: topic,
  channels: z.int().min(1).max(8).default(1),
  power: z.boolean().default(false),
});
