import type { Clock } from '../clock.ts';

/** Moments are sums of fractions: two that mean the same may differ by less than this. */
export const EPSILON_MS = 1e-6;

export function isReached(clock: Clock, atMs: number): boolean {
  return atMs <= clock.nowMs() + EPSILON_MS;
}

/** Runs at a moment and never before it: Node's timers cut fractions off and come early. Returns what cancels it. */
export function atMoment(clock: Clock, atMs: number, run: () => void): () => void {
  let cancel = arm();

  function arm(): () => void {
    return clock.after(Math.max(0, atMs - clock.nowMs()), () => {
      if (isReached(clock, atMs)) run();
      else cancel = arm();
    });
  }

  return () => cancel();
}
