import { z } from 'zod';
import { plugFields, topic } from '../plugs/settings.ts';

/** The ends of topics that are not a device's state: a friendly name cannot end so. */
const isState = (name: string) => !/(^|\/)(get|set|availability|bridge)$/.test(name) && !name.startsWith('bridge/');

export const zigbee2mqttSettings = z.strictObject({
  ...plugFields,
  driver: z.literal('zigbee2mqtt'),
  base: topic.default('zigbee2mqtt'),
  /** Friendly name; it may have levels of its own. */
  name: topic.refine(isState, 'expected the friendly name of a device, not the topic of something it says or is told'),
  /** Of a device with several relays: `l1`, `l2`, ... One relay when empty. */
  endpoints: z
    .array(z.string().regex(/^[a-z0-9_]{1,32}$/i))
    .max(8)
    .default([]),
  power: z.boolean().default(false),
  /** Power can be asked for; many devices only report it. */
  power_get: z.boolean().default(false),
});

export type Zigbee2mqttSettings = z.output<typeof zigbee2mqttSettings>;
