export type TelemetryErrorCode =
  | 'telemetry_corrupt' // the file is damaged; it is moved aside and a new one begun
  | 'telemetry_newer' //   written by a newer program; left alone
  | 'telemetry_full' //    no room on the disk
  | 'telemetry_failed' //  cannot be read or written, for another reason
  | 'telemetry_too_much' // more than one answer may hold
  | 'telemetry_closed'; // used after close()

const ADVICE: Record<TelemetryErrorCode, string> = {
  telemetry_corrupt: 'check the disk; a new history was begun, the old file lies beside it',
  telemetry_newer: 'start the version of the hub that wrote it, or a later one; until then no history is written',
  telemetry_full:
    'free space on the disk of the data directory; the hub switches all the same, and the history goes on when there is room',
  telemetry_failed: 'check the disk and the permissions of the data directory; the hub switches all the same',
  telemetry_too_much: 'ask for a shorter time, a coarser group, or one source',
  telemetry_closed: 'the hub is stopping; ask again when it runs',
};

/** The only error of the power history: a code, what happened, what to do. It never stops the hub. */
export class TelemetryError extends Error {
  readonly code: TelemetryErrorCode;
  readonly what: string;
  readonly advice: string;

  constructor(code: TelemetryErrorCode, what: string, options?: ErrorOptions) {
    super(what, options);
    this.name = 'TelemetryError';
    this.code = code;
    this.what = what;
    this.advice = ADVICE[code];
  }
}

/** SQLite's result codes and the system's errno names, by what is to be done. */
function classify(code: string): TelemetryErrorCode {
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'telemetry_corrupt';
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return 'telemetry_full';
  return 'telemetry_failed';
}

export function asTelemetryError(error: unknown, doing: string): TelemetryError {
  if (error instanceof TelemetryError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown';
  return new TelemetryError(classify(code), `${doing}: ${cause.message} (${code})`, { cause });
}
