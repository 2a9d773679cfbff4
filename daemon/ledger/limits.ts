/** Every bound of the ledger, with its reason. */

/** Events of one transaction. The queue holds 1,000 requests and one safety entry per appliance, each a few events. */
export const MAX_BATCH_EVENTS = 50_000;
/** One event's body, in UTF-16 units. The largest honest one is `configured`, some tens of kB. */
export const MAX_BODY_LENGTH = 1_000_000;
/** One page of `read`; api.md lets a client ask for as much. */
export const MAX_READ_EVENTS = 1_000;
/** One page of rows for who copies them on, by number and by their text: an append waits for one page at most (1 ms). */
export const MAX_PAGE_ROWS = 250;
export const MAX_PAGE_LENGTH = 256 * 1024;
/** A snapshot in bytes; 10,000 appliances with a day of kept answers stay well below. */
export const MAX_SNAPSHOT_BYTES = 64 * 1024 * 1024;
/** One that is being written and the one of a hub that closes meanwhile. */
export const MAX_WAITING_SNAPSHOTS = 2;
/** A larger snapshot is written in parts, so that an append waits for one part only: 25 ms at 10 MB/s. */
export const SNAPSHOT_PART_BYTES = 256 * 1024;
/** Calls that may wait for the worker; above it they are refused rather than kept. */
export const MAX_WAITING_CALLS = 256;
/** Kept aside to be released when the disk is full: some 200 OFFs, each in a transaction of its own (19.2 kB). */
export const RESERVE_BYTES = 4 * 1024 * 1024;
/** A backup is on its disk after so many bytes each: on one SD card with the ledger, a commit waits for as many at most. */
export const BACKUP_SYNC_BYTES = 1024 * 1024;
/** What a backup leaves free on the disk of the ledger: the reserve's room, twice over. */
export const BACKUP_LEAVES_BYTES = 4 * RESERVE_BYTES;
/** A killed predecessor may still be dying when the next hub starts. */
export const LOCK_WAIT_MS = 1_000;
/** `quick_check` reads every page: up to this many (16 MB) it keeps a start short, above only the tail is verified. */
export const QUICK_CHECK_PAGES = 4_096;
