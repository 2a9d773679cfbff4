export type ReplicationCode = keyof typeof ADVICE;

/** What to do about it. Texts name the settings of the file. */
const ADVICE = {
  postgres_unreachable: 'check that Postgres runs, that replication.url names its host and port, and the network',
  postgres_unknown_host: 'check the host in replication.url, and the name server of this machine',
  postgres_refused_login:
    'check the user in replication.url, the password (or password_file), and pg_hba.conf of the server',
  postgres_no_database: 'create the database, or correct its name in replication.url',
  postgres_tls:
    'check replication.tls and ca_file, and the certificate of the server; tls: disable sends everything readable',
  postgres_starting: 'wait: the server is starting or stopping',
  postgres_busy: 'raise max_connections of the server, or put a pooler before it',
  postgres_full: 'free space or memory on the server; nothing is lost here meanwhile',
  postgres_read_only: 'this is a standby or read-only: name the primary in replication.url',
  postgres_slow: 'see what loads the server (pg_stat_activity); smaller batches are tried',
  postgres_denied: 'grant the role of this hub what daemon/replication/sql/role-hub.sql lists',
  postgres_old: 'update the server to PostgreSQL 15 or later',
  postgres_failed: 'see the log of the server; the same rows are tried again',
  schema_newer: 'update this hub: a newer one has migrated the database; nothing is lost here meanwhile',
  schema_missing:
    'migrate as the owner of the database: connect one hub as the owner, or run daemon/replication/sql in order',
  password_file: 'name a readable file in replication.password_file, and keep others out of it: chmod 640',
  ca_file: 'name a readable file of certificates (PEM) in replication.ca_file',
  cursor_moved: 'nothing, unless it comes again and again: then two hubs run on copies of one ledger',
  hash_differs:
    'two hubs write as one: stop the one that runs on a copy, and bring it back with voltsafe restore (a new origin)',
  hub_twice: 'give one of the two another hub.id, or stop the one that was replaced; rows of both are kept apart',
  ledger_behind: 'this is an old copy of the ledger: bring it back with voltsafe restore, which gives it a new origin',
  local_failed: 'see the log of this hub: its own ledger or power history cannot be read',
} as const;

/** Only a person mends these: they are tried again slowly. */
const SLOW: ReadonlySet<ReplicationCode> = new Set([
  'postgres_unknown_host',
  'postgres_refused_login',
  'postgres_no_database',
  'postgres_tls',
  'postgres_full',
  'postgres_read_only',
  'postgres_denied',
  'postgres_old',
  'schema_newer',
  'schema_missing',
  'password_file',
  'ca_file',
  'hash_differs',
  'hub_twice',
  'ledger_behind',
] satisfies ReplicationCode[]);

/** Nothing may be written under this origin before somebody acted. */
const ALARMS: ReadonlySet<ReplicationCode> = new Set(['hash_differs', 'ledger_behind'] satisfies ReplicationCode[]);

/** The only error of this folder: a code, what happened, what to do. */
export class ReplicationError extends Error {
  readonly code: ReplicationCode;
  readonly detail: string;
  readonly advice: string;
  /** Of Postgres, where it said so. */
  readonly sqlState: string | null;
  constructor(code: ReplicationCode, detail: string, options: ErrorOptions & { readonly sqlState?: string } = {}) {
    super(detail, options);
    this.name = 'ReplicationError';
    this.code = code;
    this.detail = detail;
    this.advice = ADVICE[code];
    this.sqlState = options.sqlState ?? null;
  }

  get isSlow(): boolean {
    return SLOW.has(this.code);
  }

  get isAlarm(): boolean {
    return ALARMS.has(this.code);
  }

  /** It is about the values of rows: others of the same batch may be fine (PostgreSQL, appendix A: classes 22 and 54). */
  get isOfRows(): boolean {
    return this.sqlState !== null && /^(22|54)/.test(this.sqlState);
  }
}
