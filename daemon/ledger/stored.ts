import type { Event } from '../core/events.ts';

export interface RestoredFrom {
  readonly origin: string;
  readonly seq: number;
}

/** What a start finds in a ledger: the newest snapshot and the events after it. */
export interface Stored {
  /** The ledger that the backup was of, and the last event of it that is in this one, too; null: it was never restored. */
  readonly restoredFrom: RestoredFrom | null;
  /** Changes when a ledger is restored from a backup. */
  readonly origin: string;
  readonly snapshot: { readonly seq: number; readonly state: string } | null;
  readonly tail: readonly Event[];
  /** The highest accumulated uptime on record; the next start continues from it. */
  readonly lastUpMs: number;
  readonly lastSeq: number;
}

/** One event as it stands, unparsed: what was hashed, so that a copy can be held against the chain. */
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

/** The ledger as the hub holds it: the writer is a worker thread, so the event loop never waits for a disk. */
export interface LedgerHandle {
  readonly stored: Stored;
  /** One transaction, one fsync. Rejects when not durable; then nothing of it is. */
  append(events: readonly Event[]): Promise<void>;
  /** Events after `afterSeq`, oldest first, at most `limit` (1000). */
  read(afterSeq: number, limit: number): Promise<Event[]>;
  /** The same as rows, unparsed; as many of them as make a small page. */
  readRows(afterSeq: number, limit: number): Promise<LedgerRow[]>;
  saveSnapshot(seq: number, state: string): Promise<void>;
  close(): Promise<void>;
}
