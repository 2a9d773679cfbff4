import { apply } from './core/apply.ts';
import type { Event } from './core/events.ts';
import { readSnapshot } from './core/snapshot.ts';
import { emptyState, type State } from './core/state.ts';
import type { LedgerHandle, Stored } from './ledger/stored.ts';

const PAGE = 1000;

/** The state as it was left: the newest snapshot and the tail, or every event where the snapshot is of another version. */
export async function restore(stored: Stored, read: LedgerHandle['read']): Promise<State> {
  const { snapshot } = stored;
  const state = snapshot === null ? emptyState() : readSnapshot(snapshot.state);
  return state === null ? replayAll(read) : replay(state, stored.tail);
}

function replay(state: State, events: readonly Event[]): State {
  for (const event of events) apply(state, event);
  return state;
}

async function replayAll(read: LedgerHandle['read']): Promise<State> {
  const state = emptyState();
  for (let page = await read(0, PAGE); page.length > 0; page = await read(state.seq, PAGE)) replay(state, page);
  return state;
}
