import type { Decision } from './client.ts';

/** A write that should not have been accepted: its token was not live, or older than one that had written before. */
export interface Stale {
  readonly seq: number;
  readonly token: number;
  readonly why: string;
}

const ENDS = new Set(['lock_released', 'lock_expired', 'lock_forced']);

/**
 * Replays the audit trail of one resource: which tokens were live at each decision, and which accepted writes showed one
 * that was not, or one older than an earlier write had.
 */
export function staleWrites(decisions: readonly Decision[], resource: string): Stale[] {
  const live = new Set<number>();
  let newest = 0;
  return decisions.flatMap(({ seq, kind, outcome, fencing_tokens: shown = [] }) => {
    for (const token of shown.filter((one) => one.resource === resource).map((one) => one.fencing_token)) {
      if (kind === 'lock_acquired') live.add(token);
      else if (ENDS.has(kind)) live.delete(token);
      else if (outcome === 'granted' || outcome === 'unchanged') {
        const before = newest;
        newest = Math.max(newest, token);
        if (!live.has(token)) return [{ seq, token, why: 'it was not live' }];
        if (token < before) return [{ seq, token, why: `${before} had written before` }];
      }
    }
    return [];
  });
}
