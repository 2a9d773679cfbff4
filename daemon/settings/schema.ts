import { z } from 'zod';
import { meterSettings } from '../../relay-drivers/meter-registry.ts';
import { busSettings } from '../../relay-drivers/registry.ts';
import { host, id, port, text, timezone, url, watts } from './fields.ts';
import { LOG_LEVELS } from './types.ts';

export const limitsSchema = z.strictObject({
  limit_w: watts().prefault(5000),
  near_limit_ratio: z.number().min(0).max(1).default(0.8),
  base_load_w: watts(0).prefault(0),
});

export const circuitSchema = z.strictObject({ id, parent: id.nullable().default(null), limit_w: watts() });

const mqttSchema = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('embedded').default('embedded'),
    host: host.default('0.0.0.0'),
    port: port.default(1883),
  }),
  z.strictObject({
    mode: z.literal('external'),
    url: url(['mqtt', 'mqtts']),
    username: text.optional(),
    password_file: text.optional(),
  }),
]);

/** The whole file. Everything has a default but what a bus, a meter or a circuit is. */
export const fileSchema = z.strictObject({
  hub: z
    .strictObject({
      id: id.default('home'),
      name: text.default('Home'),
      data_dir: text.default('./data'),
      timezone: timezone.optional(),
    })
    .prefault({}),
  limits: limitsSchema.prefault({}),
  circuits: z.array(circuitSchema).max(200).default([]),
  http: z.strictObject({ host: host.default('0.0.0.0'), port: port.default(8080) }).prefault({}),
  mqtt: mqttSchema.prefault({}),
  buses: z.array(busSettings).max(64).default([]),
  meters: z.array(meterSettings).max(64).default([]),
  replication: z.strictObject({ url: url(['postgres', 'postgresql']) }).optional(),
  log: z.strictObject({ level: z.enum(LOG_LEVELS).default('info') }).prefault({}),
});

export type SettingsFile = z.output<typeof fileSchema>;
