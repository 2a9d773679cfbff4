import type { Clock } from '../relay-drivers/clock.ts';
import type { Now } from './core/model.ts';

/**
 * Accumulated uptime: continues where the ledger ended, so that retention and expiry are counted while the hub runs
 * and no wall clock can jump them (S12).
 */
export function timeline(clock: Clock, lastUpMs: number): () => Now {
  const startMs = clock.nowMs();
  return () => ({ upMs: lastUpMs + 1 + Math.floor(clock.nowMs() - startMs), wallMs: clock.wallMs() });
}
