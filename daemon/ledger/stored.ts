import type { Event } from '../core/events.ts';

/** What a start finds in a ledger: the newest snapshot and the events after it. */
export interface Stored {
  /** Changes when a ledger is restored from a backup. */
  readonly origin: string;
  readonly snapshot: { readonly seq: number; readonly state: string } | null;
  readonly tail: readonly Event[];
  /** The highest accumulated uptime on record; the next start continues from it. */
  readonly lastUpMs: number;
  readonly lastSeq: number;
}

/** The ledger as the hub holds it: the writer is a worker thread, so the event loop never waits for a disk. */
export interface LedgerHandle {
  readonly stored: Stored;
  /** One transaction, one fsync. Rejects when not durable; then nothing of it is. */
  append(events: readonly Event[]): Promise<void>;
  /** Events after `afterSeq`, oldest first, at most `limit` (1000). */
  read(afterSeq: number, limit: number): Promise<Event[]>;
  saveSnapshot(seq: number, state: string): Promise<void>;
  close(): Promise<void>;
}
