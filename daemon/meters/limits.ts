/** How meters are listened to; every figure with its reason. */
export const TIMES = {
  /** Readings in a row that failed until it is told: one spoiled frame is no fault. */
  missesUntilTold: 3,
  /** A dead meter holds its line until its timeout, and orders wait behind it: asked so seldom after that, then twice as seldom. */
  deadPollMs: 3000,
  deadPollAtMostMs: 30_000,
  /**
   * How long a sample of a circuit waits before it is judged, at least: a relay that was switched by hand is polled
   * within a second, and what was polled is committed and counted. Slow boards take longer (open-meters.ts).
   */
  settleMs: 2000,
  /** A meter of one appliance that talks more seldom comes too late to be set against the meter of its circuit. */
  promptPeriodMs: 5000,
  /** A reading tells the present, or the period before it, or a mean of a second or two: older than this it is not. */
  ageMs: 2000,
  /** Beyond that: how long its word may have been under way. */
  slackMs: 1000,
  /** What a stalled connection held back comes in one go: within this all of it is there. */
  backlogMs: 1000,
  /** No meter talks faster; what does is a flood. */
  telegramMs: 100,
} as const;

/** Meters of contract power judge by the quarter-hour. */
export const HOLD_MINUTES = 15;
/** A background and a peak are told in steps: not every watt is worth a row of the ledger. */
export const STEP_MW = 10_000;
/**
 * An inrush is no background: it must last for about two seconds, a little early at times. That are three samples of a
 * meter that talks each second, and two of any that talks more seldom.
 */
export const SUSTAINED_MS = 1500;
/** One sample over a limit may be an inrush; three in a row, a little early at times, are an overload. */
export const OVER_PERIODS = 1.5;
/** What is off may leak through a snubber or feed a lamp on standby; more, so many times in a row, is a closed contact. */
export const STUCK_SAMPLES = 3;
/** Far more than any window holds at the pace of telegrams. */
export const MAX_SAMPLES = 1024;

/** Up to the next step. */
export function stepUp(mw: number): number {
  return Math.ceil(mw / STEP_MW) * STEP_MW;
}
