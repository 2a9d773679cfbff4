/** Every bound of the power history, with its reason. */

export const MINUTE_MS = 60_000;
export const QUARTER_MS = 15 * MINUTE_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Written so often: an SD card wears by the page, and a crash loses no more than this. */
export const BATCH_MS = 5 * MINUTE_MS;
/** Nobody heard anything while the process stood still: more than this between two ticks of a minute. */
export const STALL_MS = 90_000;
/** Kept in memory while the disk takes nothing: half a day of a hundred sources, some 20 MB. The oldest go first. */
export const MAX_BACKLOG_ROWS = 72_000;
/** Appliances, circuits and the house, with those that are long gone. */
export const MAX_SOURCES = 10_000;

/** Retention; days are kept for ever (36,500 rows of a source in a century). */
export const KEEP_MINUTES_MS = 90 * DAY_MS;
export const KEEP_HOURS_MS = 5 * 365 * DAY_MS;
/** Expired rows go in portions, not one by one: fewer pages are touched. */
export const PRUNE_EVERY_MS = 6 * HOUR_MS;
/** Rows deleted in one step, between which queries are answered. */
export const PRUNE_ROWS = 5_000;
/** Free pages are used again by the next rows; only what is more than this and a tenth of the file is given back. */
export const FREE_PAGES_KEPT = 1_024;
/** Pages given back in one step. */
export const VACUUM_PAGES = 128;

/** An answer of `power`, all sources together (issue 6). */
export const MAX_POINTS = 2_000;
/** Rows that one answer of `power` is made of, at 2 to 5 us each. More come from coarser rows. */
export const MAX_READ_ROWS = 5_000;
/** Rows that one answer of `energy` may hold. */
export const MAX_ENERGY_ROWS = 20_000;
/** One page of `rowsAfter`. */
export const MAX_REVISED_ROWS = 5_000;
/** Calls that may wait for the thread; above it they are refused rather than kept. */
export const MAX_WAITING_CALLS = 256;
/** What is no file of ours is kept beside the new one: so many of them. */
export const MAX_MOVED_ASIDE = 3;

/** A counter that rises faster has been exchanged, or is broken: no source draws more (core/watts.ts), beyond one step of it. */
export const COUNTER_STEP_MWH = 1_000_000;
