import type { Event } from '../core/events.ts';
import type { Row } from './chain.ts';
import type { LedgerErrorCode } from './errors.ts';
import type { Room } from './room.ts';
import type { Opening } from './store.ts';

/** What the worker is started with. */
export interface WorkerSettings {
  readonly dataDir: string;
  readonly bootId: string;
  readonly commitDelayMs: number;
}

export type Call =
  | { readonly call: 'append'; readonly events: readonly Event[] }
  | { readonly call: 'read'; readonly afterSeq: number; readonly limit: number }
  | { readonly call: 'page'; readonly afterSeq: number; readonly limit: number }
  | { readonly call: 'snapshot'; readonly seq: number; readonly state: string }
  | { readonly call: 'close' };

export type ToWorker = Call & { readonly id: number };

/** A LedgerError as it crosses the thread. */
export interface Failure {
  readonly code: LedgerErrorCode;
  readonly what: string;
}

/** First `opened`, its `tail` in pages, `ready` (or `failed`, and the thread ends); then one answer for each call. */
export type FromWorker =
  | { readonly kind: 'opened'; readonly opening: Opening }
  | { readonly kind: 'tail'; readonly rows: readonly Row[] }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'done'; readonly id: number; readonly rows: readonly Row[] }
  | { readonly kind: 'refused'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'room'; readonly room: Room };
