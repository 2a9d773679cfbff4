/** Every bound of replication, with its reason. */

/** One transaction (durability.md): 1000 rows, or 1 MB of text. */
export const BATCH_ROWS = 1_000;
export const BATCH_LENGTH = 1_000_000;
/** A database that times out on whole batches gets smaller ones, down to this. */
export const LEAST_ROWS = 10;
/** Of appliances and locks that are sent as one parameter. */
export const STANDING_ROWS = 500;
/** The schema that this program writes. */
export const SCHEMA_VERSION = 4;
/** Of PostgreSQL: `date_trunc` with a zone is of 12, the rest is not tried on older ones. */
export const LEAST_SERVER = 150_000;

export interface Timing {
  /** From the first byte to a session. */
  readonly connectMs: number;
  /** Postgres gives a statement up by itself after this. */
  readonly statementMs: number;
  /** Above `statementMs`: then nobody answers, and the connection is given up. */
  readonly answerMs: number;
  /** A migration of a large database, and the wait for other hubs that migrate it. */
  readonly migrateMs: number;
  /** Doubled up to the most, with chance in it: after an outage not all hubs come in the same second. */
  readonly retryFirstMs: number;
  readonly retryAtMostMs: number;
  /** After what only a person mends: a wrong password is a line in the log of the server each time. */
  readonly retrySlowMs: number;
  /** Events of so long go together. */
  readonly gatherMs: number;
  /** How often to look for rows of the power history, which say nothing when they come. */
  readonly pollMs: number;
  /** At most so often the appliances and locks as they stand. */
  readonly standingMs: number;
  /** A hub that has nothing to say says so. */
  readonly heartbeatMs: number;
  /** How often the local cursor is written: to a card that wears out. */
  readonly saveMs: number;
  /** What is under way at a stop gets this long. */
  readonly stopMs: number;
}

export const TIMING: Timing = {
  connectMs: 10_000,
  statementMs: 30_000,
  answerMs: 40_000,
  migrateMs: 600_000,
  retryFirstMs: 1_000,
  retryAtMostMs: 60_000,
  retrySlowMs: 60_000,
  gatherMs: 250,
  pollMs: 5_000,
  standingMs: 5_000,
  heartbeatMs: 60_000,
  saveMs: 60_000,
  stopMs: 2_000,
};
