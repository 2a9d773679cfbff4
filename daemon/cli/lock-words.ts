import type { LockMetadata } from '../core/locks/model.ts';
import { LOCK_LIMITS } from '../core/locks/model.ts';
import type { Args } from './args.ts';
import { usageError } from './errors.ts';
import { LINK_OPTIONS } from './lock-link.ts';

/** What stands behind the options of `lock acquire` and `lock run`. */

export interface LockAsk {
  readonly resource: string;
  readonly mode: 'exclusive' | 'shared';
  /** Null: a lockout, which ends by hand. */
  readonly ttlMs: number | null;
  readonly waitMs: number;
  readonly metadata: LockMetadata | null;
}

export const ASK_SHAPE = { values: [...LINK_OPTIONS, 'ttl', 'wait'], flags: ['shared'], lists: ['metadata'] } as const;

const DEFAULT_TTL_MS = 30_000;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export function lockAskOf(args: Args): LockAsk {
  const metadata = metadataOf(args.list('metadata'));
  const isLockout = metadata?.lockout === true;
  const ttlMs = durationOf(args, 'ttl', LOCK_LIMITS.ttlMinMs, LOCK_LIMITS.ttlMaxMs);
  if (isLockout && ttlMs !== undefined) throw usageError('a lockout ends by hand: leave --ttl out');
  return {
    resource: args.word(0),
    mode: args.flag('shared') ? 'shared' : 'exclusive',
    ttlMs: isLockout ? null : (ttlMs ?? DEFAULT_TTL_MS),
    waitMs: durationOf(args, 'wait', 0, LOCK_LIMITS.waitMaxMs) ?? 0,
    metadata,
  };
}

/** `30s`, `500ms`, `1.5h`. A number alone could be anything. */
function durationOf(args: Args, name: string, lowMs: number, highMs: number): number | undefined {
  const given = args.value(name);
  if (given === undefined) return undefined;
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(given) ?? [];
  const ms = Math.round(Number(digits) * (UNITS[unit] ?? Number.NaN));
  if (ms >= lowMs && ms <= highMs) return ms;
  throw usageError(`--${name} takes a time like 500ms, 30s, 10m or 1h, from ${lowMs}ms to ${highMs}ms, not "${given}"`);
}

/** As JSON has them: `lockout=true` is no text. */
function metadataOf(given: readonly string[]): LockMetadata | null {
  if (given.length === 0) return null;
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw usageError(`--metadata takes name=value, not "${text}"`);
      return [text.slice(0, at), readValue(text.slice(at + 1))];
    }),
  );
}

function readValue(text: string): string | number | boolean | null {
  if (text === 'null') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/.test(text) ? Number(text) : text;
}

/** It is no secret, and may stand in an argument. */
export function fencingToken(text: string): number {
  const token = Number(text);
  if (/^\d{1,15}$/.test(text) && token >= 1) return token;
  throw usageError(`--fencing-token takes the number that the lock was granted with, not "${text}"`);
}
