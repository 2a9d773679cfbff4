import type { TelemetryErrorCode } from './errors.ts';
import type { Packed } from './packed.ts';
import type { Condition, Counted, EnergyQuery, EnergyRow, Minutes, PowerQuery, ReplicationCursor } from './port.ts';

/** What the thread is started with. */
export interface WorkerSettings {
  readonly path: string;
  readonly timezone: string;
}

/** Each call with what it takes and what it gives. */
export interface Calls {
  write: { take: Minutes; give: null };
  flush: { take: null; give: null };
  /** One step; true while there is more. Null: the clock is not sure. */
  tidy: { take: number | null; give: boolean };
  power: { take: PowerQuery; give: Packed };
  energy: { take: EnergyQuery; give: EnergyRow[] };
  rowsAfter: { take: { readonly rev: number; readonly limit: number }; give: Packed };
  cursor: { take: null; give: ReplicationCursor | null };
  saveCursor: { take: ReplicationCursor; give: null };
  close: { take: null; give: null };
}

export type CallName = keyof Calls;

export interface ToWorker {
  readonly id: number;
  readonly call: CallName;
  readonly take: unknown;
}

/** A TelemetryError as it crosses the thread. */
export interface Failure {
  readonly code: TelemetryErrorCode;
  readonly what: string;
}

/** How it stands; comes before the answer that changed it. */
export interface Standing {
  /** Names the file whose revs these are; null while there is none. */
  readonly origin: string | null;
  readonly lastRev: number;
  readonly condition: Condition;
}

/** First `opened` (whatever became of the file); then one answer for each call. */
export type FromWorker =
  | { readonly kind: 'opened'; readonly counted: readonly (readonly [source: string, counted: Counted])[] }
  | { readonly kind: 'standing'; readonly standing: Standing }
  | { readonly kind: 'word'; readonly what: string }
  | { readonly kind: 'done'; readonly id: number; readonly give: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly failure: Failure };
