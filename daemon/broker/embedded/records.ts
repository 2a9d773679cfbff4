import { z } from 'zod';
import type { Kept } from './retained.ts';
import type { Queued, Session } from './sessions.ts';

const qos = z.union([z.literal(0), z.literal(1)]);
const payload = z.base64();

/** The lines of the journal. */
const record = z.union([
  z.strictObject({ topic: z.string(), payload, qos, user: z.string() }),
  z.strictObject({ topic: z.string(), gone: z.literal(true) }),
  z.strictObject({ session: z.string(), filters: z.record(z.string(), qos) }),
  z.strictObject({ session: z.string(), queued: z.string(), topic: z.string(), payload }),
  z.strictObject({ session: z.string(), done: z.string() }),
  z.strictObject({ session: z.string(), gone: z.literal(true) }),
]);

export type JournalRecord = z.infer<typeof record>;

interface SessionOnDisk {
  filters: Record<string, 0 | 1>;
  readonly queued: Map<string, Queued>;
}

/** What the journal adds up to. */
export interface OnDisk {
  readonly kept: Map<string, Kept & { readonly user: string }>;
  readonly sessions: Map<string, SessionOnDisk>;
  damagedRecords: number;
}

export function replay(lines: readonly unknown[]): OnDisk {
  const state: OnDisk = { kept: new Map(), sessions: new Map(), damagedRecords: 0 };
  for (const line of lines) {
    const { data } = record.safeParse(line);
    if (data === undefined) state.damagedRecords += 1;
    else apply(state, data);
  }
  return state;
}

function apply({ kept, sessions }: OnDisk, one: JournalRecord): void {
  if ('session' in one) applyToSession(sessions, one);
  else if ('gone' in one) kept.delete(one.topic);
  else kept.set(one.topic, { ...one, payload: Buffer.from(one.payload, 'base64') });
}

function applyToSession(sessions: OnDisk['sessions'], one: Extract<JournalRecord, { session: string }>): void {
  if ('gone' in one) {
    sessions.delete(one.session);
    return;
  }
  const session = sessions.get(one.session) ?? { filters: {}, queued: new Map() };
  sessions.set(one.session, session);
  if ('filters' in one) session.filters = one.filters;
  else if ('done' in one) session.queued.delete(one.done);
  else session.queued.set(one.queued, toQueued(one.queued, one.topic, Buffer.from(one.payload, 'base64')));
}

/** Its id is that of the run that queued it, so it collides with none of this run. */
function toQueued(id: string, topic: string, payload: Buffer): Queued {
  const at = id.lastIndexOf(':');
  const [brokerId, brokerCounter] = [id.slice(0, at), Number(id.slice(at + 1))];
  const fixed = { cmd: 'publish', qos: 1, retain: false, dup: false } as const;
  return { ...fixed, brokerId, brokerCounter, topic, payload, messageId: undefined };
}

/** Not of the hub's own messages: it says them again. */
export function keptRecord({ topic, payload, qos, user }: Kept): JournalRecord[] {
  return user === null ? [] : [{ topic, payload: payload.toString('base64'), qos, user }];
}

export function filtersRecord({ key, subscriptions }: Session): JournalRecord {
  const filters = [...subscriptions].map(([filter, qos]) => [filter, qos > 0 ? 1 : 0] as const);
  return { session: key, filters: Object.fromEntries(filters) };
}

export function queuedRecord(session: string, id: string, { topic, payload }: Queued): JournalRecord {
  return { session, queued: id, topic, payload: payload.toString('base64') };
}
