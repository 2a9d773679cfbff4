/** What clocks on the wall of a place show, by the time of the world. */
export interface Zone {
  /** Local less UTC, in ms, at a moment in ms since 1970: +3 600 000 in Rome in winter. */
  offsetMsAt(atMs: number): number;
}
