/** How often and how hard the boards are asked; every figure with its reason. */
export const TIMES = {
  /** A board that changed by itself is noticed within this. */
  pollMs: 1000,
  /** A silent board holds its line for about 0.6 s, and others may share it. */
  lostPollMs: 3000,
  /** A press shorter than this is lost on boards that report a level only (wire-formats.md A1, quirk 6). */
  inputPollMs: 100,
  /** Polls in a row without an answer until the board counts as lost: one spoiled frame is no outage. */
  pollsUntilLost: 3,
  /** An outage between two polls, with every relay off, leaves no other trace: settings that boards forget are looked at. */
  prepareMs: 60_000,
  /** Attempts of one order before it is read back and given up (ON) or put off (OFF). */
  attempts: 3,
  /** A board that cannot be read back is told OFF so often: nobody would notice that one was lost. */
  unprovenOffs: 3,
  /** And told again now and then: it may have lost its power, or the OFF, or somebody pressed its button. */
  refreshMs: 10_000,
  /** An OFF is repeated until it is confirmed: this long after the first failure, then twice as long each time. */
  retryMs: 1000,
  retryAtMostMs: 10_000,
} as const;
