import { editSources } from '../sim/edit-sources.ts';

/**
 * Loaded into a hub with `--import`: it waits moments where it waits minutes. Nothing else is changed; the thread of the
 * power history is not reached, and counts what it gets for minutes of the wall clock as ever.
 */
const REPLICATION = 'daemon/replication/limits.ts';
const TELEMETRY = 'daemon/telemetry/limits.ts';

editSources([
  { file: REPLICATION, find: 'statementMs: 30_000', replace: 'statementMs: 2_000' },
  { file: REPLICATION, find: 'answerMs: 40_000', replace: 'answerMs: 2_500' },
  { file: REPLICATION, find: 'retryFirstMs: 1_000', replace: 'retryFirstMs: 100' },
  { file: REPLICATION, find: 'retryAtMostMs: 60_000', replace: 'retryAtMostMs: 300' },
  { file: REPLICATION, find: 'retrySlowMs: 60_000', replace: 'retrySlowMs: 300' },
  { file: REPLICATION, find: 'pollMs: 5_000', replace: 'pollMs: 200' },
  { file: TELEMETRY, find: 'MINUTE_MS = 60_000', replace: 'MINUTE_MS = 200' },
]);
