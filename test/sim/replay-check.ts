import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { apply } from '../../daemon/core/apply.ts';
import { writeSnapshot } from '../../daemon/core/snapshot.ts';
import { emptyState, type State } from '../../daemon/core/state.ts';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import { Broken } from './broken.ts';
import { checkSums } from './loads.ts';

/** S10: the state is the replay of what the ledger holds. */
export function checkReplay(db: Database.Database, live: State): void {
  const replayed = emptyState();
  const store = new LedgerStore(db, { bootId: 'check', newOrigin: () => 'sim' });
  for (let page = store.read(0, 1000); page.length > 0; page = store.read(replayed.seq, 1000)) {
    // A commit may be under way: what is durable and not applied yet is no difference.
    for (const event of page) if (event.seq <= live.seq) apply(replayed, event);
    if (replayed.seq === live.seq) break;
  }
  if (writeSnapshot(replayed) !== writeSnapshot(live))
    throw new Broken('S10', 'the replay of the ledger is another state');
  checkSums(replayed);
}

/** The whole history, in one number. */
export function historyHash(db: Database.Database, logs: readonly unknown[]): string {
  const hash = createHash('sha256');
  for (const row of db.prepare('SELECT seq, body FROM event ORDER BY seq').all()) hash.update(JSON.stringify(row));
  for (const log of logs) hash.update(JSON.stringify(log));
  return hash.digest('hex');
}
