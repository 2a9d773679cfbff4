import { type ReplicationCode, ReplicationError } from './errors.ts';

/** Of PostgreSQL (appendix A of its manual), our own of the statements (VS...), the system's errno names, OpenSSL's. */
const CODES: Readonly<Record<string, ReplicationCode>> = {
  VS001: 'cursor_moved',
  VS002: 'hash_differs',
  '28P01': 'postgres_refused_login',
  '28000': 'postgres_refused_login',
  '3D000': 'postgres_no_database',
  '57P03': 'postgres_starting',
  '57P01': 'postgres_starting',
  '57P02': 'postgres_starting',
  '53300': 'postgres_busy',
  '53100': 'postgres_full',
  '53200': 'postgres_full',
  '25006': 'postgres_read_only',
  '57014': 'postgres_slow',
  '55P03': 'postgres_slow',
  '42501': 'postgres_denied',
  '3F000': 'schema_missing',
  '42P01': 'schema_missing',
  '42883': 'schema_missing',
  ENOTFOUND: 'postgres_unknown_host',
  EAI_AGAIN: 'postgres_unknown_host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'postgres_tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'postgres_tls',
  UNABLE_TO_GET_ISSUER_CERT: 'postgres_tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'postgres_tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'postgres_tls',
  CERT_HAS_EXPIRED: 'postgres_tls',
  CERT_NOT_YET_VALID: 'postgres_tls',
  CERT_SIGNATURE_FAILURE: 'postgres_tls',
  CERT_UNTRUSTED: 'postgres_tls',
  HOSTNAME_MISMATCH: 'postgres_tls',
};

/** What has no code: the words of pg, and of what ends a connection. */
const WORDS: readonly [RegExp, ReplicationCode][] = [
  [/SSL|TLS|certificate/i, 'postgres_tls'],
  [/password|SASL|SCRAM|authenti/i, 'postgres_refused_login'],
  [/Query read timeout/i, 'postgres_slow'],
  [/timeout|terminated|closed|ECONN|socket/i, 'postgres_unreachable'],
];

function codeOf(code: string | null, message: string): ReplicationCode {
  const known = code === null ? undefined : CODES[code];
  if (known !== undefined) return known;
  if (code?.startsWith('ERR_TLS') || code?.startsWith('ERR_SSL') || code?.startsWith('CERT_')) return 'postgres_tls';
  if (code?.startsWith('08') || code?.startsWith('E')) return 'postgres_unreachable';
  if (code?.startsWith('53')) return 'postgres_full';
  // A code of Postgres with no word of ours.
  if (code !== null && /^[0-9A-Z]{5}$/.test(code)) return 'postgres_failed';
  return WORDS.find(([word]) => word.test(message))?.[1] ?? 'postgres_failed';
}

/** Node gathers the failures of several addresses of one name. */
function causeOf(error: unknown): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0];
  return error instanceof Error ? error : new Error(String(error));
}

/** Whatever the way to Postgres threw, with its secrets struck out. */
export function asReplicationError(error: unknown, secrets: readonly string[] = []): ReplicationError {
  if (error instanceof ReplicationError) return error;
  const cause = causeOf(error);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
  const told = code === null ? cause.message : `${cause.message} (${code})`;
  const detail = secrets.reduce((text, secret) => (secret === '' ? text : text.replaceAll(secret, '***')), told);
  // Without its cause, which may hold the connection's settings.
  const isSqlState = code !== null && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E');
  return new ReplicationError(codeOf(code, cause.message), detail, isSqlState ? { sqlState: code } : {});
}
