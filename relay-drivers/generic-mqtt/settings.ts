import { z } from 'zod';
import { plugFields, topic } from '../plugs/settings.ts';

const payload = z.string().min(1).max(500);
/** Names of fields down into JSON, `StatusSNS.ENERGY.Power`; a number counts in a list. Absent: the payload itself. */
const path = z
  .string()
  .regex(/^[^.]{1,64}(\.[^.]{1,64}){0,7}$/, 'expected names of fields with dots between them')
  .optional();

/** Where a number is told; `scale` makes watts, volts, amperes or kilowatt-hours of it. */
const measured = z.strictObject({ topic, path, scale: z.number().positive().max(1e6).default(1) });

export const genericMqttSettings = z.strictObject({
  ...plugFields,
  driver: z.literal('generic-mqtt'),
  channels: z
    .array(
      z.strictObject({
        command: z.strictObject({ topic, on: payload.default('ON'), off: payload.default('OFF') }),
        state: z.strictObject({ topic, path, on: payload.default('ON'), off: payload.default('OFF') }),
        /** Makes it tell its state; without it the device must tell each change by itself, retained. */
        query: z.strictObject({ topic, payload: z.string().max(500).default('') }).optional(),
        power: measured.optional(),
        voltage: measured.optional(),
        current: measured.optional(),
        energy: measured.optional(),
      }),
    )
    .min(1)
    .max(32),
  availability: z
    .strictObject({ topic, path, online: payload.default('online'), offline: payload.default('offline') })
    .optional(),
  /** It tells power at least so often. */
  power_every_s: z.number().min(1).max(3600).default(60),
});
