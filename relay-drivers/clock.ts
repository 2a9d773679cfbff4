/** Monotonic time and timers, passed in everywhere: the simulation moves them by hand (invariant S12). */
export interface Clock {
  /** Milliseconds on a clock that never jumps; its zero means nothing. */
  nowMs(): number;
  /** Wall time in ms since 1970, UTC. Shown and recorded, never used to decide. */
  wallMs(): number;
  /** Calls `run` once after `delayMs`; returns what cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** What cancels a timer that was never set. One for all: there are thousands of them. */
export function nothingToCancel(): void {}

/** A promise that settles after `delayMs` of the given clock. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
