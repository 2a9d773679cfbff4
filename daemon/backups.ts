import { randomUUID } from 'node:crypto';
import { openLedger } from './ledger/client.ts';
import type { LedgerRow } from './ledger/stored.ts';

/** What `voltsafe backup` and `voltsafe restore` need of the daemon. */

export { type BackupSource, writeBackup } from './ledger/backup.ts';
export { LedgerError } from './ledger/errors.ts';
export type { LedgerRow } from './ledger/stored.ts';
export { restoreBackup } from './restore-backup.ts';

/** A ledger, for who copies it on. */
export interface LedgerPages {
  readonly origin: string;
  /** The last event that is durable. */
  lastSeq(): number;
  readRows(afterSeq: number, limit: number): Promise<LedgerRow[]>;
}

/** The ledger of a hub that does not run; refused (`ledger_in_use`) while one does. */
export async function openPages(dataDir: string): Promise<LedgerPages & { close(): Promise<void> }> {
  const ledger = await openLedger({ dataDir, bootId: randomUUID() });
  const { origin, lastSeq } = ledger.stored;
  ledger.forgetStored();
  return {
    origin,
    lastSeq: () => lastSeq,
    readRows: (after, limit) => ledger.readRows(after, limit),
    close: () => ledger.close(),
  };
}
