import { describe, expect, it } from 'vitest';
import { apply } from '../../daemon/core/apply.ts';
import { showDecision } from '../../daemon/core/audit.ts';
import { decide } from '../../daemon/core/decide.ts';
import type { Event } from '../../daemon/core/events.ts';
import type { Input } from '../../daemon/core/inputs.ts';
import { rowOf } from '../../daemon/core/locks/table.ts';
import type { Now, Who } from '../../daemon/core/model.ts';
import { readSnapshot, writeSnapshot } from '../../daemon/core/snapshot.ts';
import { draftOf, emptyState, type State } from '../../daemon/core/state.ts';
import { acquire } from './lock-desk.ts';

const WHO: Who = { principal: 'cli', name: 'command line', role: 'admin', source: 'cli' };
const AT: Now = { upMs: 100, wallMs: Date.parse('2026-11-21T12:00:00Z') };
/** A board that was never told the time: what it says is no help. */
const NO_CLOCK: Now = { upMs: 100, wallMs: 0 };

function run(state: State, input: Input, now: Now): readonly Event[] {
  const { events } = decide(draftOf(state), input, now);
  for (const event of events) apply(state, event);
  return events;
}

function lend(state: State, resource: string, now: Now): number {
  const events = run(state, acquire('ann', resource), now);
  const [event] = events;
  if (event?.kind !== 'lock_acquired') throw new Error(`not lent: ${JSON.stringify(events)}`);
  const token = event.grants[0]?.token ?? 0;
  run(state, { kind: 'force_release_lock', resource, reason: 'next', who: WHO }, now);
  return token;
}

function restoredAt(state: State, now: Now, knownFloor = 0): readonly Event[] {
  const from = { fromOrigin: 'old', fromSeq: state.seq, knownFloor };
  return run(state, { kind: 'note_restored', origin: 'new', ...from, who: WHO }, now);
}

/** What a backup of this moment would bring back. */
function backupOf(state: State): () => State {
  const text = writeSnapshot(state);
  return () => readSnapshot(text) ?? emptyState();
}

describe.each([
  ['with a clock', AT, { ...AT, wallMs: AT.wallMs + 1000 }],
  ['without one', NO_CLOCK, NO_CLOCK],
])('after a restore, %s', (_, first, second) => {
  it('no token is given out again, of a resource that the backup knew or of another', () => {
    const state = emptyState();
    lend(state, 'known', first);
    const backup = backupOf(state);
    const given = [lend(state, 'known', first), lend(state, 'known', first), lend(state, 'unknown', first)];
    const again = backup();
    restoredAt(again, first);
    for (const resource of ['known', 'unknown']) {
      expect(rowOf(again, resource).token).toBeGreaterThan(Math.max(...given));
      expect(lend(again, resource, first)).toBeGreaterThan(Math.max(...given));
    }
  });

  it('nor after a second one of the same backup, which the ledger in its place tells of', () => {
    const backup = backupOf(emptyState());
    const once = backup();
    restoredAt(once, first);
    const given = lend(once, 'x', first);
    const twice = backup();
    restoredAt(twice, second, once.tokenFloor);
    expect(lend(twice, 'x', second)).toBeGreaterThan(given);
  });
});

describe('a restore', () => {
  it('of the same backup onto a new disk goes by the time', () => {
    const backup = backupOf(emptyState());
    const once = backup();
    restoredAt(once, AT);
    const given = lend(once, 'x', AT);
    const twice = backup();
    restoredAt(twice, { ...AT, wallMs: AT.wallMs + 1000 });
    expect(lend(twice, 'x', AT)).toBeGreaterThan(given);
  });

  it('leaves tokens exact numbers: a thousand of them, and under a clock that is centuries ahead', () => {
    const state = emptyState();
    restoredAt(state, { upMs: 1, wallMs: 8e15 });
    for (let round = 0; round < 1000; round += 1) restoredAt(state, { upMs: 1, wallMs: 8e15 });
    expect(Number.isSafeInteger(lend(state, 'x', AT))).toBe(true);
  });

  it('is the same from its events and from a snapshot, and stays over a start', () => {
    const state = emptyState();
    const events = [...run(state, acquire('ann', 'held'), AT), ...restoredAt(state, AT)];
    const replayed = emptyState();
    for (const event of events) apply(replayed, event);
    expect(writeSnapshot(replayed)).toBe(writeSnapshot(state));
    expect(writeSnapshot(backupOf(state)())).toBe(writeSnapshot(state));
    const household = { ...state.household, limitMw: 5_000_000 };
    run(state, { kind: 'configure', household, bootId: 'next' }, AT);
    expect(rowOf(state, 'new').token).toBe(state.tokenFloor);
    expect(rowOf(state, 'held').holders).toMatchObject([{ token: 1 }]);
  });

  it('stands in the audit trail with where it came from', () => {
    const state = emptyState();
    lend(state, 'x', AT);
    const before = state.seq;
    const [event] = restoredAt(state, AT);
    expect(event && showDecision(event)).toMatchObject({
      kind: 'restored',
      outcome: 'recorded',
      actor: 'command line',
      source: 'cli',
      reason: `from a backup of the ledger old up to event ${before}: what was decided after it is not known`,
    });
  });
});
