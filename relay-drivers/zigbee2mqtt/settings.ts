import { z } from 'zod';
import { plugFields, topic } from '../plugs/settings.ts';

export const zigbee2mqttSettings = z.strictObject({
  ...plugFields,
  driver: z.literal('zigbee2mqtt'),
  base: topic.default('zigbee2mqtt'),
  /** Friendly name; it may have levels of its own. */
  name: topic,
  /** Of a device with several relays: `l1`, `l2`, ... One relay when empty. */
  endpoints: z
    .array(z.string().regex(/^[a-z0-9_]{1,32}$/i))
    .max(8)
    .default([]),
  power: z.boolean().default(false),
});
