import { z } from 'zod';
import { decided, problem, time } from './words.ts';

/** What clients see of locks, over HTTP and in the live feed. */

const metadata = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).readonly();
const mode = z.enum(['exclusive', 'shared']);
const token = z.int().describe('strictly increasing for a resource, whatever happens');

export const lock = z
  .object({
    resource: z.string(),
    mode,
    holder: z.string().describe('the name of its holder'),
    principal: z.string().describe('who may use it, together with the token'),
    fencing_token: token,
    ttl_ms: z.number().nullable().describe('null: a lockout, which ends only by hand'),
    expires_in_ms: z.number().nullable().describe('from now; null: a lockout, or a lease that ended'),
    acquired_at: time,
    metadata: metadata.nullable(),
    state: z
      .enum(['held', 'pending', 'released', 'expired', 'forced', 'downgraded'])
      .describe('pending: a lockout whose OFFs are not confirmed yet; it keeps others out already'),
  })
  .meta({ id: 'Lock' });

export const lockWaiter = z
  .object({
    name: z.string(),
    principal: z.string(),
    mode,
    resources: z.array(z.string()).readonly().describe('all that it asked for, of which it gets all or nothing'),
    waiting_since: time,
    gives_up_in_ms: z.number(),
  })
  .meta({ id: 'LockWaiter' });

export const resource = z
  .object({
    resource: z.string(),
    state: z.enum(['free', 'held']),
    fencing_token: token.describe('the last that was given or burned; 0: never locked'),
    holding: z.int().describe('how many hold it'),
    waiting: z.int().describe('how many wait for it'),
    holders: z.array(lock).readonly().describe('lists and events show the first 20; one resource shows all'),
    waiters: z.array(lockWaiter).readonly().describe('in their turn; lists and events show the first 20'),
  })
  .meta({ id: 'Resource' });

export const lockChange = z
  .object({
    mode: mode.nullable(),
    holder: z.string().nullable().describe('whose lease or wait; null where it ended by itself'),
    principal: z.string().nullable(),
    grants: z
      .array(z.object({ resource: z.string(), fencing_token: token }))
      .readonly()
      .describe('the leases that it is about; none for a wait'),
    reason: z.string().nullable(),
    resources: z.array(resource).readonly().describe('each that it touched, as it stands after the event'),
  })
  .meta({ id: 'LockChange' });

export const locked = z.object({ lock, decision: decided });
export const lockedAll = z.object({ locks: z.array(lock), decision: decided });
export const released = z.object({
  resource: z.string(),
  already_released: z.boolean().describe('true: this token was over before; nothing was changed'),
  decision: decided,
});
export const forced = z.object({ resource: z.string(), decision: decided });
export const resourceList = z.object({ locks: z.array(resource).describe('those that are held or waited for') });

const id = z.union([z.string(), z.number()]);
/** The answer to a verb over the live feed: what HTTP says, and which verb it answers. */
export const lockReply = z
  .looseObject({
    type: z.literal('reply'),
    id: id.nullable().describe('of the verb; null where it could not be read'),
    ok: z.boolean(),
    problem: problem.optional().describe('present when it is not ok; else the members that HTTP answers with 200'),
    lock: lock.optional(),
    locks: z.array(lock).optional(),
    resource: z.string().optional(),
    already_released: z.boolean().optional(),
    decision: decided.optional(),
  })
  .describe('the answer to a message of ours');

export type Lock = z.output<typeof lock>;
export type LockWaiter = z.output<typeof lockWaiter>;
export type Resource = z.output<typeof resource>;
export type LockChange = z.output<typeof lockChange>;
export type LockReply = z.output<typeof lockReply>;
