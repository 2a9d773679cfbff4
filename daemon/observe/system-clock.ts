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
  const alarm = new Alarm(delayMs, run);
  return () => alarm.cancel();
}

/**
 * Node's timers count whole milliseconds and may fire a fraction of one early. Whoever looks at the clock then must find
 * the time to be over, or waits for a moment that has passed. One object each: a thousand plugs have some three of them.
 */
class Alarm {
  readonly #dueMs: number;
  readonly #run: () => void;
  #timer: NodeJS.Timeout;

  constructor(delayMs: number, run: () => void) {
    this.#dueMs = performance.now() + delayMs;
    this.#run = run;
    this.#timer = this.#arm(delayMs);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  #arm(leftMs: number): NodeJS.Timeout {
    return setTimeout(ring, Math.min(leftMs, LONGEST_TIMER_MS), this);
  }

  fired(): void {
    const leftMs = this.#dueMs - performance.now();
    if (leftMs > 0) this.#timer = this.#arm(leftMs);
    else this.#run();
  }
}

function ring(alarm: Alarm): void {
  alarm.fired();
}
