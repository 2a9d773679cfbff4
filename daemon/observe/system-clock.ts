import type { Clock } from '../../relay-drivers/clock.ts';

/** Node fires a timer of more than 2^31-1 ms after 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of this machine: CLOCK_MONOTONIC for what decides, the wall for what is shown (S12). */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after,
};

/**
 * Node's timers count whole milliseconds and may fire a fraction of one early. Whoever looks at the clock then must find
 * the time to be over, or waits for a moment that has passed.
 */
function after(delayMs: number, run: () => void): () => void {
  const dueMs = performance.now() + delayMs;
  let timer = arm(delayMs);

  function arm(leftMs: number): NodeJS.Timeout {
    return setTimeout(fired, Math.min(leftMs, LONGEST_TIMER_MS));
  }

  function fired(): void {
    const leftMs = dueMs - performance.now();
    if (leftMs > 0) timer = arm(leftMs);
    else run();
  }

  return () => clearTimeout(timer);
}
