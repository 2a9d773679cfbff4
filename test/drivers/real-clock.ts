import type { Clock } from '../../relay-drivers/clock.ts';

/** Time as it passes, for tests over real sockets and terminals. */
export const realClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
