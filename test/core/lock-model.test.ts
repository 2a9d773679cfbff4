import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../daemon/core/apply.ts';
import type { Event } from '../../daemon/core/events.ts';
import { readSnapshot, writeSnapshot } from '../../daemon/core/snapshot.ts';
import { emptyState, type State } from '../../daemon/core/state.ts';
import { commands, Pair } from './lock-commands.ts';

/** 100,000 on demand. */
const RUNS = Number(process.env.VOLTSAFE_LOCK_RUNS ?? 2000);

describe('the hub against the reference of its lock service', () => {
  it(
    `${RUNS} random lives: the same answers, holders, waiters and tokens after each step`,
    () => {
      fc.assert(
        fc.property(commands, fc.nat(), (acts, cut) => {
          const pair = new Pair();
          fc.modelRun(() => ({ model: {}, real: pair }), acts);
          isItsHistory(pair, cut);
        }),
        { numRuns: RUNS },
      );
    },
    RUNS * 30,
  );
});

/** The state is the replay of its events, and of a snapshot anywhere with what came after. */
function isItsHistory({ home: { state, history } }: Pair, cut: number): void {
  const at = cut % (history.length + 1);
  const before = replay(emptyState(), history.slice(0, at));
  const restored = readSnapshot(writeSnapshot(before)) ?? emptyState();
  const [now, then] = [whole(state), whole(replay(restored, history.slice(at)))];
  if (!isDeepStrictEqual(then, now)) expect(then).toEqual(now);
}

/** As the ledger hands them on: through JSON. */
function replay(state: State, events: readonly Event[]): State {
  for (const event of events) apply(state, JSON.parse(JSON.stringify(event)));
  return state;
}

/** The order of what is looked up by its name only means nothing; that of waiters and of kept keys does. */
function whole(state: State): unknown {
  const { locks, openLocks, claimed, lockCounts, lockWaiters, lockKept, ...rest } = state;
  const sorted = [locks, openLocks, claimed, lockCounts].map((table) => new Map(table as Map<string, unknown>));
  return { rest, sorted, ordered: [[...lockWaiters.values()].sort(byId), [...lockKept.values()]] };
}

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : 1;
}
