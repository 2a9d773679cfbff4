/** How devices on MQTT are asked; every figure with its reason. */
export const TIMES = {
  /** It tells each change by itself: asking only finds what was lost on the way. */
  pollMs: 60_000,
  /** What comes back says so by itself (its birth, a report); this finds who does not, and costs the broker little. */
  lostPollMs: 10_000,
  /** What a stalled connection held back comes in one go: within this all of it is there. */
  quietMs: 250,
} as const;

/** The supervisor has one order per channel and a few readings at a time; more is a fault of ours. */
export const MAX_WAITING = 64;
/** Orders of one channel that were sent and never seen to be obeyed; each of them turned over the one before. */
export const MAX_UNPROVEN = 16;
