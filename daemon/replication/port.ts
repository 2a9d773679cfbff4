import type { RevisedRow } from '../core/power.ts';

/** What replication needs of the hub, and what it says about itself. */

/** One event as the ledger holds it, unparsed: Postgres keeps the same texts, so that the hashes stay checkable. */
export interface LedgerRow {
  readonly seq: number;
  readonly wallMs: number;
  readonly upMs: number;
  readonly bootId: string;
  readonly kind: string;
  /** JSON text. */
  readonly who: string | null;
  readonly appliance: string | null;
  /** JSON text. */
  readonly body: string;
  readonly hash: Buffer;
}

export interface EventSource {
  /** Of the ledger; another one after a restore. */
  readonly origin: string;
  /** What this ledger was restored from: its origin, and the last event of it that is in this one, too. */
  readonly restoredFrom?: { readonly origin: string; readonly seq: number } | null;
  /** The last event that is durable. */
  lastSeq(): number;
  /** Rows after `afterSeq`, oldest first; at most `limit`, and fewer where they are large. Empty: there is none. */
  read(afterSeq: number, limit: number): Promise<readonly LedgerRow[]>;
}

export interface PowerSource {
  /**
   * A uuid of the file, made when the file was: a file that was replaced counts its revs from the beginning, and what is in
   * Postgres of the old one must neither hide nor be hidden by it. Null: there is no file now. May change at any time.
   */
  readonly origin: string | null;
  lastRev(): number;
  /** In the order of `rev`; each row once, as it is now. */
  rowsAfter(rev: number, limit: number): Promise<{ readonly rows: readonly RevisedRow[] }>;
}

/** How far Postgres was when it was last reached. Postgres has the truth; this is for the lag while it is away. */
export interface Progress {
  /** Of the ledger. */
  readonly origin: string;
  readonly seq: number;
  readonly rev: number;
}

export interface Cursors {
  cursor(): Progress | null | Promise<Progress | null>;
  saveCursor(progress: Progress): void | Promise<void>;
}

/** What GET /api/appliances and /api/locks show, and the last event that it shows. */
export interface Standing {
  readonly asOfSeq: number;
  readonly appliances: readonly unknown[];
  readonly locks: readonly unknown[];
}

export interface Trouble {
  readonly code: string;
  readonly detail: string;
  readonly advice: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface ReplicatorState {
  readonly connected: boolean;
  /** Nothing is sent before somebody acted; the hub goes on. */
  readonly alarmed: boolean;
  /** Events and rows of the power history that Postgres does not have. */
  readonly lag_rows: number;
  /** Age of the oldest of them. */
  readonly lag_s: number;
  /** The last event that Postgres has; null until it was reached once. */
  readonly last_seq: number | null;
  readonly last_rev: number | null;
  /** Since this start of the hub. */
  readonly rows_sent: number;
  readonly batches_sent: number;
  /** When Postgres last took something; ISO 8601. */
  readonly last_sent_at: string | null;
  readonly last_error: Trouble | null;
}
