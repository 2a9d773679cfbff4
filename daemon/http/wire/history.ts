import { z } from 'zod';
import { RESOLUTIONS } from '../../core/power.ts';
import { HTTP_LIMITS } from '../limits.ts';
import { time } from './words.ts';

/** The power history: what clients ask, and what they see. */

const TIME_RULE = 'must be a time like 2026-03-01T12:00:00Z (RFC 3339), of the years 1970 to 2199';
const SOURCE_RULE = 'must be "all", or some of "house", "circuit:<id>", "appliance:<id>", divided by commas';
const LAST_MS = Date.UTC(2200, 0);

const isTime = z.iso.datetime({ offset: true });

/** A plus that was not written as %2B arrives as a space. */
const instant = z
  .string({ error: TIME_RULE })
  .max(40, TIME_RULE)
  .transform((text, context) => {
    const written = text.toUpperCase().replace(/ (?=\d\d:\d\d$)/, '+');
    const atMs = isTime.safeParse(written).success ? Date.parse(written) : Number.NaN;
    if (atMs >= 0 && atMs < LAST_MS) return atMs;
    context.addIssue({ code: 'custom', message: TIME_RULE });
    return z.NEVER;
  })
  .describe('RFC 3339');

const SOURCE = /^(house|(circuit|appliance):[a-z0-9][a-z0-9_-]{0,63})$/i;

const sources = z
  .union([z.string(), z.array(z.string()).max(HTTP_LIMITS.historySources)], { error: SOURCE_RULE })
  .transform((said, context) => {
    const named = [...new Set([said].flat().flatMap((text) => text.split(',', HTTP_LIMITS.historySources + 1)))];
    if (named.length === 1 && named[0] === 'all') return 'all' as const;
    if (named.length <= HTTP_LIMITS.historySources && named.every((one) => SOURCE.test(one))) return named;
    const rule =
      named.length > HTTP_LIMITS.historySources ? `at most ${HTTP_LIMITS.historySources}, or "all"` : SOURCE_RULE;
    context.addIssue({ code: 'custom', message: rule });
    return z.NEVER;
  })
  .default(['house'])
  .describe('`house`, `circuit:<id>`, `appliance:<id>`, several of them divided by commas, or `all`');

const asked = {
  from: instant.optional().describe('RFC 3339; a day before `to` when absent'),
  to: instant.optional().describe('RFC 3339, exclusive; now when absent'),
  source: sources,
  format: z.enum(['json', 'csv']).optional().describe('as `Accept` says when absent'),
};

export const powerQuery = z.strictObject({ ...asked, resolution: z.enum([...RESOLUTIONS, 'auto']).default('auto') });
export const energyQuery = z.strictObject({
  ...asked,
  group: z.enum(['none', 'hour', 'day', 'month']).default('none'),
});

const watts = z.number().describe('watts; export is negative');
const covered = z.number().describe('seconds of the span in which it was heard: less than span_s is a gap');

export const powerPoint = z
  .object({
    at: time,
    span_s: z.number(),
    avg_w: watts,
    min_w: watts,
    max_w: watts,
    energy_wh: z.number(),
    voltage_v: z.number().nullable(),
    covered_s: covered,
    samples: z.int(),
    estimated: z.boolean().describe('rated watts of what was on stand in, at least in part'),
    interactive_w: watts.nullable().describe('of the house: what managed appliances drew'),
    background_w: watts.nullable().describe('of the house: the rest'),
  })
  .meta({ id: 'PowerPoint' });

const range = { from: time, to: time, timezone: z.string().describe('where days begin') };

export const power = z.object({
  ...range,
  resolution: z.enum(RESOLUTIONS).nullable().describe('of the rows that the points are made of; null: there are none'),
  sources: z
    .array(z.object({ source: z.string(), points: z.array(powerPoint).describe('what was heard; a gap has no point') }))
    .describe('each that was named, in that order; with `all` those that were heard'),
});

export const energyTotal = z
  .object({
    at: time,
    span_s: z.number().describe('a day has 23 or 25 hours where the clocks change'),
    energy_wh: z.number(),
    covered_s: covered,
    estimated: z.boolean(),
  })
  .meta({ id: 'EnergyTotal' });

export const energy = z.object({
  ...range,
  group: z.enum(['none', 'hour', 'day', 'month']),
  sources: z.array(z.object({ source: z.string(), totals: z.array(energyTotal) })),
});

export const historyState = z.object({
  state: z.enum(['off', 'opening', 'ok', 'full', 'failed']).describe('full, failed: nothing new is kept now'),
  detail: z.string().nullable().describe('what is wrong, and what to do'),
  timezone: z.string(),
});

export const replication = z.object({
  enabled: z.boolean(),
  connected: z.boolean(),
  alarmed: z.boolean().describe('nothing is copied before somebody acted; the hub switches all the same'),
  lag_rows: z.int().describe('events and rows of the power history that Postgres does not have'),
  lag_s: z.number().describe('age of the oldest of them'),
  last_seq: z.int().nullable().describe('the newest event that Postgres has; null until it was reached once'),
  last_rev: z.int().nullable(),
  rows_sent: z.int().describe('since this start of the hub'),
  batches_sent: z.int(),
  last_sent_at: time.nullable(),
  last_error: z.object({ code: z.string(), detail: z.string(), advice: z.string(), at: time }).nullable(),
});

export type PowerQuery = z.output<typeof powerQuery>;
export type EnergyQuery = z.output<typeof energyQuery>;
export type Power = z.output<typeof power>;
export type Energy = z.output<typeof energy>;
