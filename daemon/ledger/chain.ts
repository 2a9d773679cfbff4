import { hash } from 'node:crypto';
import type { Event } from '../core/events.ts';
import { LedgerError } from './errors.ts';
import { MAX_BODY_LENGTH } from './limits.ts';

/** One event as the table holds it. `body` is the rest of the event as JSON; `appliance` repeats its subject. */
export interface Row {
  readonly seq: number;
  readonly wall_ms: number;
  readonly up_ms: number;
  readonly boot_id: string;
  readonly kind: string;
  readonly who: string | null;
  readonly appliance: string | null;
  readonly body: string;
}

export interface ChainedRow extends Row {
  readonly hash: Buffer;
}

/** What the first event follows. */
export const GENESIS: Buffer = Buffer.alloc(32);

function subjectOf(event: Event): string | null {
  if ('settings' in event) return event.settings.id;
  return 'appliance' in event ? event.appliance : null;
}

export function rowOf(event: Event, bootId: string): Row {
  const { seq, wallMs, upMs, who, kind, ...rest } = event;
  const body = JSON.stringify(rest);
  if (!Number.isFinite(wallMs) || !Number.isFinite(upMs))
    throw new LedgerError('ledger_failed', `event ${seq} has no time`);
  if (body.length > MAX_BODY_LENGTH)
    throw new LedgerError('ledger_failed', `event ${seq} is larger than ${MAX_BODY_LENGTH}`);
  return {
    seq,
    wall_ms: wallMs,
    up_ms: upMs,
    // SQLite keeps UTF-8, which has no lone surrogates: the hash must be of what a reader gets back.
    boot_id: bootId.toWellFormed(),
    kind,
    who: who === null ? null : JSON.stringify(who),
    appliance: subjectOf(event)?.toWellFormed() ?? null,
    body,
  };
}

/** Only rows of this program reach it: what does not parse was changed behind its back. */
export function eventOf(row: Row): Event {
  try {
    const who: unknown = row.who === null ? null : JSON.parse(row.who);
    return { ...JSON.parse(row.body), kind: row.kind, seq: row.seq, wallMs: row.wall_ms, upMs: row.up_ms, who };
  } catch (error) {
    throw new LedgerError('ledger_corrupt', `event ${row.seq} cannot be read`, { cause: error });
  }
}

/** SHA-256 of the previous row's hash and this row's columns, as one JSON array of fixed order (design.md 5). */
export function hashOf(previous: Uint8Array, row: Row): Buffer {
  const columns = [row.seq, row.wall_ms, row.up_ms, row.boot_id, row.kind, row.who, row.appliance, row.body];
  // One call instead of a Hash object: half the time of a row, and a batch has hundreds.
  return hash('sha256', Buffer.concat([previous, Buffer.from(JSON.stringify(columns))]), 'buffer');
}
