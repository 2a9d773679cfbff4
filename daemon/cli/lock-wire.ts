import { z } from 'zod';
import { type CliError, runError, usageError } from './errors.ts';
import type { HubReply } from './lock-link.ts';

/** What the hub answers to `/api/locks` (locks.md). Of its own: the command line speaks to hubs of other versions too. */

const mode = z.enum(['exclusive', 'shared']);
const token = z.int().min(1);
const expiresInMs = z.number().nonnegative().nullable();

const lease = z.object({
  resource: z.string(),
  mode,
  holder: z.string(),
  fencing_token: token,
  ttl_ms: z.number().nullable(),
  /** Null: a lockout, or a lease that is over. */
  expires_in_ms: expiresInMs,
  state: z.enum(['held', 'pending', 'released', 'expired', 'forced', 'downgraded']),
});
export const leased = z.object({ lock: lease });
export const released = z.object({ already_released: z.boolean() });

export const lockView = z.object({
  resource: z.string(),
  state: z.enum(['free', 'held']),
  /** The last one that was given; 0 where none ever was. */
  fencing_token: z.int().min(0),
  holding: z.int(),
  waiting: z.int(),
  /** Lists have the first of them only. */
  holders: z.array(lease),
  waiters: z.array(z.object({ name: z.string(), mode, gives_up_in_ms: z.number() })),
});
export const lockList = z.object({ locks: z.array(lockView) });

const problem = z.object({ code: z.string(), detail: z.string() });

export type LockView = z.output<typeof lockView>;

/** The body of a success; anything else is thrown as the line that the user reads. */
export function answerOf<T>(reply: HubReply, schema: z.ZodType<T>, url: string): T {
  if (reply.status !== 200) throw refusalOf(reply, url);
  const parsed = schema.safeParse(reply.body);
  if (parsed.success) return parsed.data;
  throw runError(`${url} answered what this version does not understand: is it a VoltSafe hub of another version?`);
}

export function refusalOf(reply: HubReply, url: string): CliError {
  const { code, detail } = problemOf(reply, url);
  const line = [detail, ADVICE[code]].filter((words) => words !== undefined).join(' ');
  return reply.status === 400 ? usageError(`${line} (${code})`) : runError(`${line} (${code})`);
}

export function problemOf({ status, body }: HubReply, url: string): z.output<typeof problem> {
  const parsed = problem.safeParse(body);
  if (parsed.success) return parsed.data;
  return { code: `status ${status}`, detail: `${url} is no VoltSafe hub, or one without locks.` };
}

const ADVICE: Readonly<Record<string, string>> = {
  lock_held: 'Wait for it with --wait.',
  wait_timeout: 'Ask again, or with a longer --wait.',
  already_held: 'Whoever shall wait for each other needs a token of its own: voltsafe token create.',
  unauthorized: 'The token may have been revoked; make one with voltsafe token create.',
  forbidden: 'Locks need a token of the role operator, lockouts one of the role admin.',
};
