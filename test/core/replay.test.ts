import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../daemon/core/apply.ts';
import { decide } from '../../daemon/core/decide.ts';
import type { Event } from '../../daemon/core/events.ts';
import { readSnapshot, writeSnapshot } from '../../daemon/core/snapshot.ts';
import { draftOf, emptyState, type State } from '../../daemon/core/state.ts';
import { ANNA, Home } from './home.ts';
import { lampThatIs, play } from './play.ts';
import { type Act, life, live } from './random-life.ts';

const RUNS = Number(process.env.VOLTSAFE_FUZZ ?? 200);

function replay(history: readonly Event[]): State {
  const state = emptyState();
  // As the ledger hands them on: through JSON.
  for (const event of history) apply(state, JSON.parse(JSON.stringify(event)));
  return state;
}

/** All that a state is, its tables in order; the order of `waiting` means nothing. */
function whole(state: State): unknown {
  const parts = Object.entries(state).map(([name, part]) => [name, part instanceof Map ? [...part] : part]);
  return { ...Object.fromEntries(parts), waiting: Object.fromEntries(parts.find(([name]) => name === 'waiting')?.[1]) };
}

function throughSnapshot(state: State): State {
  return readSnapshot(writeSnapshot(state)) ?? emptyState();
}

describe('the state is the replay of its events', () => {
  it('in every random life', () => {
    fc.assert(
      fc.property(life, (acts) => {
        const home = live(acts);
        expect(whole(replay(home.history))).toEqual(whole(home.state));
      }),
      { numRuns: RUNS },
    );
  });

  it('a snapshot read back is that same state', () => {
    fc.assert(
      fc.property(life, (acts) => {
        const home = live(acts);
        expect(whole(throughSnapshot(home.state))).toEqual(whole(home.state));
      }),
      { numRuns: RUNS },
    );
  });

  it('a snapshot anywhere and the tail after it are that same state', () => {
    fc.assert(
      fc.property(life, fc.nat(), (acts, cut) => {
        const { history, state } = live(acts);
        const at = cut % (history.length + 1);
        const restored = throughSnapshot(replay(history.slice(0, at)));
        for (const event of history.slice(at)) apply(restored, event);
        expect(whole(restored)).toEqual(whole(state));
      }),
      { numRuns: RUNS },
    );
  });

  it('a snapshot of another shape is passed over', () => {
    const text = writeSnapshot(lampThatIs('on').state);
    expect(readSnapshot(text)).not.toBeNull();
    expect(readSnapshot(text.replace(/"shape":\d+/, '"shape":99'))).toBeNull();
  });
});

describe('a draft', () => {
  it('leaves the committed state as it was, whatever is decided on it', () => {
    fc.assert(
      fc.property(life, life, (before, after) => {
        const home = live(before);
        const frozen = JSON.stringify(whole(home.state));
        runOnDraft(home, after);
        expect(JSON.stringify(whole(home.state))).toBe(frozen);
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });

  it('sees what was decided on it before: a batch is one story', () => {
    const home = new Home().add({ oven: { w: 3000 }, dryer: { w: 3000 } });
    const draft = draftOf(home.state);
    const on = (appliance: string) => decide(draft, { kind: 'toggle', appliance, want: 'on', who: ANNA }, home.now);
    expect(on('oven').events).toMatchObject([{ kind: 'ordered', seq: home.state.seq + 1 }]);
    expect(on('dryer').events).toMatchObject([{ kind: 'refused', seq: home.state.seq + 2 }]);
  });

  it('of a draft leaves that draft as it was', () => {
    const home = lampThatIs('off');
    const draft = draftOf(home.state);
    decide(draftOf(draft), { kind: 'toggle', appliance: 'lamp', want: 'on', who: ANNA }, home.now);
    expect(draft.appliances.get('lamp')).toBe(home.state.appliances.get('lamp'));
    expect([draft.seq, draft.circuits.get('house')?.reservedMw]).toEqual([home.state.seq, 0]);
  });

  /** The same acts on a home whose state is the draft: nothing of it may come through. */
  function runOnDraft(home: Home, acts: readonly Act[]): void {
    const ghost = new Home();
    Object.assign(ghost.state, draftOf(home.state));
    for (const { run } of acts) run(ghost);
  }
});

describe('events carry what a replay needs', () => {
  it('seqs are the commit order, without a gap', () => {
    const home = lampThatIs('on');
    play(home, 'lamp off; lamp obeys; restart; lamp reads on');
    expect(home.history.map(({ seq }) => seq)).toEqual(home.history.map((_, i) => i + 1));
  });

  it('both clocks stand in every row, and the house as it was once the event counted', () => {
    const home = lampThatIs('off');
    home.upMs = 1234;
    const [event] = play(home, 'lamp on').events;
    expect(event).toMatchObject({
      upMs: 1234,
      wallMs: Date.UTC(2026, 0, 1) + 1234,
      reservedMw: 1_000_000,
      limitMw: 5_000_000,
    });
  });
});
