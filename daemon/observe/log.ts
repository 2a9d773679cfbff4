import { pino } from 'pino';
import type { LogLevel } from '../settings/types.ts';

/** What the hub logs with; every part gets its own child. Fields first, then one sentence. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: Readonly<Record<string, unknown>>): Log;
}

/** Never in a log, wherever a field of this name stands (up to two levels deep). */
const SECRETS = ['authorization', 'cookie', 'set-cookie', 'token', 'secret', 'secretHash', 'password', 'setupLink'];
const STDERR = 2;
/** Lines that wait for a reader that does not read; more are dropped, the hub waits for no terminal. */
const MAX_WAITING_BYTES = 1_000_000;

/** JSON lines on stderr: stdout is for answers. Written without blocking; what waits is flushed when the process exits. */
export function createLog(level: LogLevel, file: number | string = STDERR): Log {
  const destination = pino.destination({ dest: file, sync: false, maxLength: MAX_WAITING_BYTES });
  // A log that cannot be written is no reason to stop switching relays.
  destination.on('error', () => {});
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: redaction() }, destination);
}

function redaction() {
  const keys = SECRETS.map((key) => (key.includes('-') ? `["${key}"]` : key));
  const below = (prefix: string) => keys.map((key) => (key.startsWith('[') ? `${prefix}${key}` : `${prefix}.${key}`));
  return { paths: [...keys, ...below('*'), ...below('*.*')], censor: '[secret]' };
}
