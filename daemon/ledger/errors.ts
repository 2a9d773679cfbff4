export type LedgerErrorCode =
  | 'ledger_in_use' //  another process holds the data directory
  | 'ledger_corrupt' // the file or its hash chain is damaged
  | 'ledger_newer' //   written by a newer program
  | 'ledger_full' //    no room on the disk
  | 'backup_failed' //  a backup could not be written, or is none: the ledger itself is well
  | 'ledger_failed' //  not durable, for another reason
  | 'ledger_closed'; // used after close()

const ADVICE: Record<LedgerErrorCode, string> = {
  ledger_in_use: 'stop the other hub, or give this one a data directory of its own',
  ledger_corrupt: 'restore the ledger from a backup; the hub never replaces a damaged ledger by itself',
  ledger_newer: 'start the version of the hub that wrote it, or a later one',
  ledger_full: 'free space on the disk of the data directory; until then nothing can be switched on',
  backup_failed: 'the ledger was not touched; give another file, or make room',
  ledger_failed: 'check the disk and the permissions of the data directory',
  ledger_closed: 'the hub is stopping; ask again when it runs',
};

/** The only error a ledger throws: a code, what happened, what to do. */
export class LedgerError extends Error {
  readonly code: LedgerErrorCode;
  readonly what: string;
  readonly advice: string;
  constructor(code: LedgerErrorCode, what: string, options?: ErrorOptions) {
    super(what, options);
    this.name = 'LedgerError';
    this.code = code;
    this.what = what;
    this.advice = ADVICE[code];
  }
}

/** SQLite's result codes and the system's errno names, by what the operator has to do. */
function classify(code: string): LedgerErrorCode {
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'ledger_in_use';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'ledger_corrupt';
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return 'ledger_full';
  return 'ledger_failed';
}

/** Whatever was thrown while `doing` something, as a LedgerError. */
export function asLedgerError(error: unknown, doing: string): LedgerError {
  if (error instanceof LedgerError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown';
  return new LedgerError(classify(code), `${doing}: ${cause.message} (${code})`, { cause });
}
