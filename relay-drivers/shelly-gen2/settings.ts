import { z } from 'zod';
import { plugFields, topic } from '../plugs/settings.ts';

/** Generations 2, 3 and 4. */
export const shellyGen2Settings = z.strictObject({
  ...plugFields,
  driver: z.literal('shelly-gen2'),
  /** `topic_prefix` of the device: its id where nothing else is said. `<prefix>/rpc` must not look like an answer's topic. */
  prefix: topic.refine(
    (prefix) => !/(^|\/)(hub|events)$/.test(prefix),
    'expected a topic_prefix that does not end in hub or events',
  ),
  channels: z.int().min(1).max(8).default(1),
  /** It measures power; a Plus 1 without PM does not. */
  power: z.boolean().default(true),
});

export type ShellyGen2Settings = z.output<typeof shellyGen2Settings>;
