const FIRST_MS = 400;
const MAX_MS = 5000;

/** The wait before attempt `attempt` (from 0): doubling, at most 5 s, a quarter of it by chance so that panels do not come back in step. */
export function backoffMs(attempt: number, random: () => number): number {
  const fullMs = Math.min(MAX_MS, FIRST_MS * 2 ** attempt);
  return Math.round(fullMs * (0.75 + 0.25 * random()));
}
