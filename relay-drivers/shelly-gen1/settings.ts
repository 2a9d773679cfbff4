import { z } from 'zod';
import { plugFields, topic } from '../plugs/settings.ts';

export const shellyGen1Settings = z.strictObject({
  ...plugFields,
  driver: z.literal('shelly-gen1'),
  /** `shellies/<id>`, or what the device was given instead of it. */
  prefix: topic,
  channels: z.int().min(1).max(8).default(1),
  /** Each relay has a meter of its own; a Shelly 1 says 0 W whatever flows. */
  power: z.boolean().default(false),
});

export type ShellyGen1Settings = z.output<typeof shellyGen1Settings>;
