import { randomUUID } from 'node:crypto';
import { type Clock, pause } from '../../relay-drivers/clock.ts';
import { runError } from './errors.ts';
import { type HubLink, type HubReply, Unreached } from './lock-link.ts';
import { answerOf, type LockView, leased, lockList, lockView, problemOf, refusalOf, released } from './lock-wire.ts';
import type { LockAsk } from './lock-words.ts';

/** What can be asked of a lock, and what comes of it. What the hub refuses is thrown as the line that the user reads. */

export interface Hub {
  readonly link: HubLink;
  readonly clock: Clock;
}

/** A lease, and until when it surely is ours: counted from before the hub was asked, so never too long. */
export interface Held {
  readonly resource: string;
  readonly token: number;
  /** Null: a lockout. */
  readonly ttlMs: number | null;
  /** On the clock's `nowMs`, as below. */
  readonly askedMs: number;
  readonly untilMs: number;
}

export interface Waiting {
  readonly stop: AbortSignal;
  /** The hub is not reached, and is asked again. */
  readonly onTrouble: (what: string) => void;
}

const ANSWER_MS = 10_000;
const AGAIN_MS = 500;

/**
 * One wish under one key: asked again after a connection that broke, it is the same wait, or the same lock where it was
 * granted meanwhile.
 */
export async function acquire({ link, clock }: Hub, asked: LockAsk, { stop, onTrouble }: Waiting): Promise<Held> {
  const path = pathOf(asked.resource, 'acquire');
  const request = { method: 'POST', path, body: bodyOf(asked), key: randomUUID(), stop } as const;
  const lastMs = clock.nowMs() + asked.waitMs;
  for (;;) {
    const askedMs = clock.nowMs();
    const reply = await link.ask({ ...request, patienceMs: lastMs - askedMs + ANSWER_MS }).catch(unreached);
    if (isFinal(reply)) return heldOf(reply, askedMs, link.url);
    const why = reply instanceof Unreached ? runError(reply.message) : refusalOf(reply, link.url);
    if (stop.aborted || clock.nowMs() + AGAIN_MS > lastMs) throw why;
    onTrouble(why.message);
    await pause(clock, AGAIN_MS);
  }
}

function bodyOf({ mode, ttlMs, waitMs, metadata }: LockAsk): object {
  return {
    mode,
    ...(ttlMs === null ? {} : { ttl_ms: ttlMs }),
    ...(waitMs === 0 ? {} : { wait_ms: waitMs }),
    ...(metadata === null ? {} : { metadata }),
  };
}

function heldOf(reply: HubReply, askedMs: number, url: string): Held {
  const { lock } = answerOf(reply, leased, url);
  const { resource, fencing_token: token, ttl_ms: ttlMs, expires_in_ms: leftMs, state } = lock;
  // Granted while the connection was broken, and over before it was whole again.
  if (state !== 'held') throw runError(`the lock "${resource}" was granted and is ${state} again; ask anew`);
  return { resource, token, ttlMs, askedMs, untilMs: leftMs === null ? Number.POSITIVE_INFINITY : askedMs + leftMs };
}

/** Rejects with Unreached where it may be tried again. */
export async function renew({ link, clock }: Hub, { resource, token }: Held, patienceMs: number): Promise<Held> {
  const askedMs = clock.nowMs();
  const request = { method: 'POST', path: pathOf(resource, 'renew'), body: { fencing_token: token } } as const;
  const reply = await link.ask({ ...request, patienceMs });
  if (isFinal(reply)) return heldOf(reply, askedMs, link.url);
  throw new Unreached(problemOf(reply, link.url).detail);
}

export interface Release {
  readonly resource: string;
  readonly token: number;
  /** Why an admin ends another's lockout. */
  readonly reason?: string;
}

/** False: it had ended before. */
export async function release({ link }: Hub, asked: Release, patienceMs = ANSWER_MS): Promise<boolean> {
  const { resource, token, reason } = asked;
  const body = { fencing_token: token, ...(reason === undefined ? {} : { reason }) };
  const request = { method: 'POST', path: pathOf(resource, 'release'), body, patienceMs } as const;
  const reply = await link.ask(request).catch(unreached);
  if (reply instanceof Unreached) throw runError(reply.message);
  return !answerOf(reply, released, link.url).already_released;
}

export async function look({ link }: Hub, resource: string | undefined): Promise<LockView[]> {
  const path = resource === undefined ? '/api/locks' : pathOf(resource);
  const reply = await link.ask({ method: 'GET', path, patienceMs: ANSWER_MS }).catch(unreached);
  if (reply instanceof Unreached) throw runError(reply.message);
  return resource === undefined ? answerOf(reply, lockList, link.url).locks : [answerOf(reply, lockView, link.url)];
}

function pathOf(resource: string, verb?: string): string {
  const path = `/api/locks/${encodeURIComponent(resource)}`;
  return verb === undefined ? path : `${path}/${verb}`;
}

/** Too many at once, or a hub that starts, stops or cannot record: none of these is its last word. */
function isFinal(reply: HubReply | Unreached): reply is HubReply {
  return !(reply instanceof Unreached) && reply.status < 500 && reply.status !== 429;
}

function unreached(error: unknown): Unreached {
  if (error instanceof Unreached) return error;
  throw error;
}
