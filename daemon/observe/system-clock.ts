import type { Clock } from '../../relay-drivers/clock.ts';

/** Node fires a timer of more than 2^31-1 ms after 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of this machine: CLOCK_MONOTONIC for what decides, the wall for what is shown (S12). */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after,
};

function after(delayMs: number, run: () => void): () => void {
  let timer = arm(delayMs);

  function arm(leftMs: number): NodeJS.Timeout {
    if (leftMs <= LONGEST_TIMER_MS) return setTimeout(run, leftMs);
    return setTimeout(() => {
      timer = arm(leftMs - LONGEST_TIMER_MS);
    }, LONGEST_TIMER_MS);
  }

  return () => clearTimeout(timer);
}
