import { z } from 'zod';
import { plugFields, topic } from '../plugs/settings.ts';

/** Generations 2, 3 and 4. */
export const shellyGen2Settings = z.strictObject({
  ...plugFields,
  driver: z.literal('shelly-gen2'),
  /** `topic_prefix` of the device: its id where nothing else is said. */
  prefix: topic,
  channels: z.int().min(1).max(8).default(1),
  power: z.boolean().default(true),
});
