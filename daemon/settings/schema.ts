import { z } from 'zod';
import { meterSettings } from '../../relay-drivers/meter-registry.ts';
import { busEntry } from './bus-entry.ts';
import { host, id, port, text, timezone, watts } from './fields.ts';
import { mqttSchema } from './mqtt.ts';
import { replicationSchema } from './replication.ts';
import { LOG_LEVELS } from './types.ts';

export const limitsSchema = z.strictObject({
  limit_w: watts().prefault(5000),
  near_limit_ratio: z.number().min(0).max(1).default(0.8),
  base_load_w: watts(0).prefault(0),
});

export const circuitSchema = z.strictObject({ id, parent: id.nullable().default(null), limit_w: watts() });

export const httpSchema = z.strictObject({ host: host.default('0.0.0.0'), port: port.default(8080) });

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
  http: httpSchema.prefault({}),
  mqtt: mqttSchema.prefault({}),
  buses: z.array(busEntry).max(256).default([]),
  meters: z.array(meterSettings).max(64).default([]),
  replication: replicationSchema.optional(),
  log: z.strictObject({ level: z.enum(LOG_LEVELS).default('info') }).prefault({}),
});

export type SettingsFile = z.output<typeof fileSchema>;
