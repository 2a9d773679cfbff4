import type { Target } from '../../daemon/replication/connect.ts';
import type { Timing } from '../../daemon/replication/limits.ts';

/** Short, so that a test of what comes again waits for moments only. */
export const QUICK: Partial<Timing> = {
  connectMs: 5_000,
  retryFirstMs: 20,
  retryAtMostMs: 100,
  retrySlowMs: 100,
  gatherMs: 1,
  pollMs: 10,
  standingMs: 0,
  saveMs: 0,
  stopMs: 1_000,
};

export function plainTarget(url: string): Target {
  return { url, passwordFile: null, caFile: null, tls: 'disable' };
}
