/** Every bound of the queue, with its reason. */
export const LIMITS = {
  /** Waiting in the FIFO lane; above it 503 `queue_full`. About 1 kB each. */
  waiting: 1000,
  /** FIFO inputs in one commit: keeps one transaction, and so the wait of a safety input behind it, short. */
  batch: 500,
  /** A commit that takes longer counts as a failed ledger for S7 (design.md 3). */
  commitStallMs: 250,
  /** After a failed commit, how long until the next try. */
  ledgerRetryMs: 1000,
  /** An ON that has not left by then is given up: nobody expects it any more. */
  onDeadlineMs: 5000,
  /** The attempts of an order take about 2 s at 9600 baud; a caller waits no longer than this for its relay. */
  answerMs: 15_000,
  /** An appliance that was just declared: two polls. */
  firstReadingMs: 3000,
} as const;
