import { z } from 'zod';

/** Words that stand in requests and in answers alike. */
export const role = z.enum(['viewer', 'operator', 'admin']);
export const onPowerLoss = z.enum(['stay_off', 'restore']);

export const time = z.iso.datetime().describe('RFC 3339, UTC');

/** Where a decision stands in the ledger. */
export const decided = z.object({ seq: z.int().nullable().describe('null only while the ledger is down'), at: time });

export const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type ProblemBody = z.output<typeof problem>;
