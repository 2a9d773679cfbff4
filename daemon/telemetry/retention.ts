import { DAY_MS, HOUR_MS, KEEP_HOURS_MS, KEEP_MINUTES_MS, PRUNE_EVERY_MS } from './limits.ts';

export interface Kept {
  readonly minute: number;
  readonly hour: number;
}

/**
 * From when on rows are kept, in ms since 1970. Moves in steps, never back, and not before the clock is sure: one that
 * says 2099 must not delete what is from today. Whole hours and days go together with their parts.
 */
export function keptFrom(wallMs: number | null, before: Kept): Kept {
  if (wallMs === null) return before;
  return {
    minute: next(wallMs - KEEP_MINUTES_MS, before.minute, HOUR_MS),
    hour: next(wallMs - KEEP_HOURS_MS, before.hour, DAY_MS),
  };
}

function next(horizonMs: number, beforeMs: number, stepMs: number): number {
  const horizon = Math.floor(horizonMs / stepMs) * stepMs;
  return horizon - beforeMs >= PRUNE_EVERY_MS ? horizon : beforeMs;
}
