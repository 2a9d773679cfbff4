import { z } from 'zod';
import { CLAIMS_RULE, readClaims } from '../../core/locks/claims.ts';
import type { Claim } from '../../core/model.ts';
import { TOPIC_LIMITS } from './limits.ts';

/** What a `set` asks for. */
export interface Wish {
  readonly want: 'on' | 'off' | 'flip';
  readonly key: string | null;
  /** Fencing tokens, as over HTTP. */
  readonly claims: readonly Claim[];
  readonly requestId: string | null;
}

export type ReadSet =
  | { readonly isValid: true; readonly wish: Wish }
  | { readonly isValid: false; readonly detail: string; readonly requestId: string | null };

const WORDS: Readonly<Record<string, Wish['want']>> = { ON: 'on', OFF: 'off', TOGGLE: 'flip' };

const text = (length: number) =>
  z
    .string({ error: 'must be text' })
    .regex(new RegExp(`^[\\x20-\\x7e]{1,${length}}$`), `must be 1 to ${length} printable ASCII characters`);

const requestId = text(100);
/** A number, or a list as in the header X-Fencing-Token of HTTP. */
const fencingTokens = z.union([z.int(), z.string()], { error: CLAIMS_RULE }).transform((said, context) => {
  const claims = readClaims(String(said));
  if (claims !== null) return claims;
  context.addIssue({ code: 'custom', message: CLAIMS_RULE });
  return z.NEVER;
});
const setBody = z.strictObject({
  is_on: z.boolean({ error: 'must be true or false' }),
  idempotency_key: text(200).optional(),
  fencing_token: fencingTokens.optional(),
  request_id: requestId.optional(),
});

export function readSet(payload: Uint8Array): ReadSet {
  if (payload.length > TOPIC_LIMITS.setBytes) return invalid(`A set has at most ${TOPIC_LIMITS.setBytes} bytes.`);
  const said = decode(payload);
  if (said === null) return invalid('The payload is not valid UTF-8.');
  const want = Object.hasOwn(WORDS, said) ? WORDS[said] : undefined;
  if (want !== undefined) return { isValid: true, wish: { want, key: null, claims: [], requestId: null } };
  const value = parse(said);
  return value === undefined ? invalid(WHAT_IS_KNOWN) : readObject(value);
}

const WHAT_IS_KNOWN = 'Known are ON, OFF, TOGGLE and JSON such as {"is_on":true}.';

function readObject(value: unknown): ReadSet {
  const body = setBody.safeParse(value);
  if (!body.success) return invalid(explain(body.error), requestIdOf(value));
  const { is_on: isOn, idempotency_key: key = null, fencing_token: claims = [], request_id: asked = null } = body.data;
  return { isValid: true, wish: { want: isOn ? 'on' : 'off', key, claims, requestId: asked } };
}

function decode(payload: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
  } catch {
    return null;
  }
}

function parse(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return undefined;
  }
}

/** Who asked badly may still want to know which answer is theirs. */
function requestIdOf(value: unknown): string | null {
  const named = z.looseObject({ request_id: requestId }).safeParse(value);
  return named.success ? named.data.request_id : null;
}

function explain({ issues }: z.ZodError): string {
  return issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')} ${message}`))
    .join('; ')
    .slice(0, 300);
}

function invalid(detail: string, asked: string | null = null): ReadSet {
  return { isValid: false, detail, requestId: asked };
}
