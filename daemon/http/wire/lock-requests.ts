import { z } from 'zod';
import { LOCK_LIMITS } from '../../core/locks/model.ts';
import { HTTP_LIMITS } from '../limits.ts';
import { idempotencyKey, plain, printable } from './text.ts';

/** What clients ask of locks: bodies of HTTP, and verbs over the live feed, which have the same fields. */

/** Clients take "." and ".." out of a path, encoded or not (RFC 3986, 5.2.4): nobody could look it up or release it. */
const name = printable(HTTP_LIMITS.resourceChars).refine(
  (text) => text !== '.' && text !== '..',
  'must not be "." or "..": no URL can hold it',
);
const names = z
  .array(name)
  .min(1, 'must name a resource')
  .max(LOCK_LIMITS.resourcesAtOnce, `must name at most ${LOCK_LIMITS.resourcesAtOnce} resources`)
  .refine((list) => new Set(list).size === list.length, 'must name each resource once');

const METADATA_RULE = `must be a flat object of at most ${HTTP_LIMITS.lockMetadataBytes} bytes`;
const metadata = z
  .record(printable(64), z.union([plain(1000), z.number(), z.boolean(), z.null()]), { error: METADATA_RULE })
  .refine((data) => Buffer.byteLength(JSON.stringify(data)) <= HTTP_LIMITS.lockMetadataBytes, METADATA_RULE)
  .refine(({ lockout = false }) => typeof lockout === 'boolean', {
    path: ['lockout'],
    message: 'must be true or false',
  });

const range = (min: number, max: number) => {
  const error = `must be a whole number of milliseconds from ${min} to ${max}`;
  return z.int({ error }).min(min, error).max(max, error);
};
const ttl = range(LOCK_LIMITS.ttlMinMs, LOCK_LIMITS.ttlMaxMs);
const token = z.int({ error: 'must be a fencing token' }).min(1, 'must be a fencing token');
const reason = printable(200);

const terms = {
  mode: z.enum(['exclusive', 'shared']),
  ttl_ms: ttl.nullable().default(null),
  wait_ms: range(0, LOCK_LIMITS.waitMaxMs).default(0),
  metadata: metadata.nullable().default(null),
  lock_delay_ms: range(0, LOCK_LIMITS.delayMaxMs).default(LOCK_LIMITS.delayMs),
  max_hold_ms: range(LOCK_LIMITS.ttlMinMs, HTTP_LIMITS.lockHoldMs).nullable().default(null),
};

/** What is asked for, beside the resources. `metadata.lockout: true` makes a lockout. */
export interface LockTerms {
  readonly mode: 'exclusive' | 'shared';
  readonly ttl_ms: number | null;
  readonly wait_ms: number;
  readonly metadata: Readonly<Record<string, string | number | boolean | null>> | null;
  readonly lock_delay_ms: number;
  readonly max_hold_ms: number | null;
}

export function isLockout({ metadata }: Pick<LockTerms, 'metadata'>): boolean {
  return metadata?.lockout === true;
}

/** A lease has a time; a lockout has none, and is exclusive. */
function checkTerms({ value, issues }: z.core.ParsePayload<LockTerms>): void {
  const fault = (path: string, message: string) =>
    void issues.push({ code: 'custom', input: value, path: [path], message });
  const { mode, ttl_ms: ttlMs, max_hold_ms: maxHoldMs } = value;
  if (isLockout(value)) {
    if (mode !== 'exclusive') fault('mode', 'must be exclusive: a lockout is');
    if (ttlMs !== null) fault('ttl_ms', 'must be absent: a lockout ends only by hand');
    if (maxHoldMs !== null) fault('max_hold_ms', 'must be absent: a lockout ends only by hand');
  } else {
    if (ttlMs === null) fault('ttl_ms', 'must say how long the lock lasts unless it is renewed');
    else if (maxHoldMs !== null && maxHoldMs < ttlMs) fault('max_hold_ms', 'must not be less than ttl_ms');
  }
}

export const resourceParams = z.strictObject({ resource: name });
export const lockHeaders = z.looseObject({ 'idempotency-key': idempotencyKey.optional() });

export const acquireBody = z.strictObject(terms).check(checkTerms);
export const acquireAllBody = z.strictObject({ resources: names, ...terms }).check(checkTerms);
export const renewBody = z.strictObject({ fencing_token: token, ttl_ms: ttl.optional() });
export const releaseBody = z.strictObject({
  fencing_token: token,
  reason: reason.optional().describe("why an admin ends another's lockout"),
});
export const downgradeBody = z.strictObject({ fencing_token: token });
export const forceReleaseBody = z.strictObject({ reason });

const id = z.union([printable(100), z.int()], { error: 'must be text of at most 100 characters, or a whole number' });
const verb = <V extends string>(word: V) => ({ type: z.literal('lock'), id, verb: z.literal(word) });
const one = { resource: name };
const key = { idempotency_key: idempotencyKey.optional() };

/** What the live feed hears. */
export const lockVerb = z
  .discriminatedUnion('verb', [
    z
      .strictObject({ ...verb('acquire'), resource: name.optional(), resources: names.optional(), ...key, ...terms })
      .check(checkTerms)
      .refine(({ resource, resources }) => (resource === undefined) !== (resources === undefined), {
        path: ['resource'],
        message: 'must be named, or else resources',
      }),
    z.strictObject({ ...verb('renew'), ...one, ...renewBody.shape }),
    z.strictObject({ ...verb('release'), ...one, ...releaseBody.shape }),
    z.strictObject({ ...verb('downgrade'), ...one, ...downgradeBody.shape }),
    z.strictObject({ ...verb('force_release'), ...one, ...forceReleaseBody.shape }),
  ])
  .meta({ id: 'LockVerb' });

export type LockVerb = z.output<typeof lockVerb>;
/** As a client writes it. */
export type LockVerbSent = z.input<typeof lockVerb>;
