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

const DIFFERENT = 'expected different payloads for on and off';
const isDifferent = ({ on, off }: { readonly on: string; readonly off: string }) => on !== off;

const channel = z.strictObject({
  command: z
    .strictObject({ topic, on: payload.default('ON'), off: payload.default('OFF') })
    .refine(isDifferent, DIFFERENT),
  state: z
    .strictObject({ topic, path, on: payload.default('ON'), off: payload.default('OFF') })
    .refine(isDifferent, DIFFERENT),
  /** Makes it tell its state; without it the device must tell each change by itself, retained. */
  query: z.strictObject({ topic, payload: z.string().max(500).default('') }).optional(),
  power: measured.optional(),
  voltage: measured.optional(),
  current: measured.optional(),
  energy: measured.optional(),
});

const availability = z
  .strictObject({ topic, path, online: payload.default('online'), offline: payload.default('offline') })
  .refine(({ online, offline }) => online !== offline, 'expected different payloads for online and offline');

type Channel = z.output<typeof channel>;

/** Our own commands and questions would be heard as the device's words. */
function speaksAndListensApart(channels: readonly Channel[], availabilityTopic: string | undefined): boolean {
  const told = channels.flatMap(({ state, power, voltage, current, energy }) =>
    [state, power, voltage, current, energy].map((source) => source?.topic),
  );
  const heard = new Set([...told, availabilityTopic]);
  return channels.every(({ command, query }) => !heard.has(command.topic) && !(query && heard.has(query.topic)));
}

export const genericMqttSettings = z
  .strictObject({
    ...plugFields,
    driver: z.literal('generic-mqtt'),
    channels: z.array(channel).min(1).max(32),
    availability: availability.optional(),
    /** It tells power at least so often. */
    power_every_s: z.number().min(1).max(3600).default(60),
  })
  .refine(({ channels }) => new Set(channels.map(({ query }) => query === undefined)).size === 1, {
    path: ['channels'],
    error: 'expected a query for each channel, or for none; several may have the same',
  })
  // Nothing would tell a device that is gone from one that has nothing to say: what it said last would count for good.
  .refine(({ channels, availability }) => availability !== undefined || channels.some(({ query }) => query), {
    path: ['availability'],
    error: 'expected availability (its last will) or a query, to know whether it is there',
  })
  .refine(({ channels, availability }) => speaksAndListensApart(channels, availability?.topic), {
    path: ['channels'],
    error: 'expected other topics for commands and queries than those it tells states on',
  });

export type GenericMqttSettings = z.output<typeof genericMqttSettings>;
export type GenericMqttEntry = z.input<typeof genericMqttSettings>;
