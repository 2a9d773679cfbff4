import { z } from 'zod';
import { plugFields, topic } from '../plugs/settings.ts';

const objectId = z.string().regex(/^[a-z0-9_-]{1,120}$/, 'expected the object_id of an entity: a-z 0-9 _ -');

/** The longest way on from the prefix; a prefix of the full length would make topics that are none. */
const MAX_PREFIX_CHARS = 64;

export const MAX_SWITCHES = 32;

export const esphomeSettings = z.strictObject({
  ...plugFields,
  driver: z.literal('esphome'),
  /** `topic_prefix` of the node: its name where nothing else is said. */
  prefix: topic.refine(
    (prefix) => prefix.length <= MAX_PREFIX_CHARS && !prefix.endsWith('/'),
    `expected at most ${MAX_PREFIX_CHARS} characters and no slash at the end`,
  ),
  /** The node's name where it is not the prefix: it answers to that when it is asked whether it is there. */
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,47}$/, 'expected the name of the node: a-z 0-9 _ -')
    .optional(),
  /** One channel per entry, in this order. */
  switches: z
    .array(
      z.strictObject({
        switch: objectId,
        /** Sensors of the same node that measure this switch: W and kWh. */
        power: objectId.optional(),
        energy: objectId.optional(),
      }),
    )
    .min(1)
    .max(MAX_SWITCHES),
});

export type EsphomeSettings = z.output<typeof esphomeSettings>;
