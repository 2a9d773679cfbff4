import { describe, expect, it } from 'vitest';
import {
  applyAnswer,
  follow,
  type HubState,
  MAX_DECISIONS,
  withDecisions,
} from '../../dashboard/src/state/hub-state.ts';
import type { LiveMessage } from '../../dashboard/src/wire.ts';
import { answer, appliance, decision, event, load, meter, on, reading, snapshot } from './panel-fixtures.ts';

function stateAfter(...messages: LiveMessage[]): HubState {
  const state = messages.reduce<HubState | null>(follow, null);
  if (state === null) throw new Error('no snapshot among the messages');
  return state;
}

const relayOf = (state: HubState, id: string) => state.appliances.get(id)?.view.relay_state;
const TV_OFF = appliance('tv');
const TV_ON = on('tv', 150);
const LAMP_ON = on('lamp', 60);

describe('the live feed', () => {
  it('says nothing before the first snapshot', () => {
    expect(follow(null, event(3, TV_ON, load(150)))).toBeNull();
  });

  it('moves the load and the appliance with each event', () => {
    const state = stateAfter(snapshot(10, [TV_OFF]), event(11, TV_ON, load(150)));
    expect(relayOf(state, 'tv')).toBe('on');
    expect(state.load.reserved_w).toBe(150);
    expect(state.feedSeq).toBe(11);
  });

  it('tells an event once, whatever is sent again after a resume', () => {
    const state = stateAfter(
      snapshot(10, [TV_OFF]),
      event(11, TV_ON, load(150)),
      event(12, TV_OFF, load(0)),
      event(11, TV_ON, load(150)),
    );
    expect(relayOf(state, 'tv')).toBe('off');
    expect(state.decisions.map(({ seq }) => seq)).toEqual([12, 11]);
    expect(state.feedSeq).toBe(12);
  });

  it('brings no removed appliance back with an event that is sent again', () => {
    const removal = { ...event(12, null, load(0)), kind: 'appliance_removed', appliance_id: 'tv' };
    const state = stateAfter(snapshot(10, [TV_OFF]), removal, event(11, TV_ON, load(150)));
    expect(state.appliances.has('tv')).toBe(false);
  });

  it('moves the load for an event that concerns no appliance', () => {
    const state = stateAfter(snapshot(10, [TV_OFF]), event(11, null, load(0, { limit_w: 3000 })));
    expect(state.load.limit_w).toBe(3000);
    expect(relayOf(state, 'tv')).toBe('off');
  });

  it('forgets a removed appliance and learns a new one', () => {
    const removal = { ...event(11, null, load(0)), kind: 'appliance_removed', appliance_id: 'tv' };
    const state = stateAfter(snapshot(10, [TV_OFF]), removal, event(12, LAMP_ON, load(60)));
    expect([...state.appliances.keys()]).toEqual(['lamp']);
  });

  it('believes a snapshot over everything, even one of an older seq (a restored hub)', () => {
    const state = stateAfter(snapshot(50, [TV_ON], load(150)), event(51, TV_ON, load(150)), snapshot(7, [TV_OFF]));
    expect(relayOf(state, 'tv')).toBe('off');
    expect(state).toMatchObject({ feedSeq: 7, loadSeq: 7, decisions: [] });
  });

  it('keeps the list of decisions over a snapshot of the same history', () => {
    const state = stateAfter(snapshot(10, [TV_OFF]), event(11, TV_ON, load(150)), snapshot(40, [TV_ON], load(150)));
    expect(state.decisions.map(({ seq }) => seq)).toEqual([11]);
  });
});

describe('the answer of a toggle', () => {
  const known = stateAfter(snapshot(10, [TV_OFF, appliance('lamp')]));

  it('moves the meter when it overtakes the feed', () => {
    const state = applyAnswer(known, answer(14, TV_ON, load(210)));
    expect(relayOf(state, 'tv')).toBe('on');
    expect(state.load.reserved_w).toBe(210);
    expect(state.feedSeq).toBe(10);
  });

  it('is not undone by the older events that the feed still owes, which count for the other appliances', () => {
    const ahead = applyAnswer(known, answer(14, TV_ON, load(210)));
    const late = follow(follow(ahead, event(11, LAMP_ON, load(60))), event(13, TV_OFF, load(60)));
    expect(late).toMatchObject({ feedSeq: 13 });
    expect(late?.load.reserved_w).toBe(210);
    expect(late?.appliances.get('lamp')?.view.relay_state).toBe('on');
    expect(late?.appliances.get('tv')?.view.relay_state).toBe('on');
  });

  it('changes nothing when the feed was first', () => {
    const ahead = stateAfter(snapshot(10, [TV_OFF]), event(11, TV_ON, load(150)), event(12, TV_OFF, load(0)));
    const state = applyAnswer(ahead, answer(11, TV_ON, load(150)));
    expect(relayOf(state, 'tv')).toBe('off');
    expect(state.load.reserved_w).toBe(0);
  });

  it('brings no removed appliance back', () => {
    const removal = { ...event(12, null, load(0)), kind: 'appliance_removed', appliance_id: 'tv' };
    const state = applyAnswer(stateAfter(snapshot(10, [TV_OFF]), removal), answer(11, TV_ON, load(150)));
    expect(state.appliances.has('tv')).toBe(false);
  });

  it('without a seq (the ledger is down) waits for the feed', () => {
    expect(applyAnswer(known, answer(null, TV_ON, load(150)))).toBe(known);
  });
});

describe('the last decisions', () => {
  it('are one list, newest first, whichever road brought them', () => {
    const live = stateAfter(snapshot(10, [TV_OFF]), event(11, TV_ON, load(150)));
    const state = withDecisions(live, [decision(9), decision(10), decision(11)]);
    expect(state.decisions.map(({ seq }) => seq)).toEqual([11, 10, 9]);
  });

  it('never grow without end', () => {
    const many = Array.from({ length: 3 * MAX_DECISIONS }, (_, index) => decision(index + 1));
    const state = withDecisions(stateAfter(snapshot(10, [])), many);
    expect(state.decisions).toHaveLength(MAX_DECISIONS);
    expect(state.decisions[0]?.seq).toBe(3 * MAX_DECISIONS);
  });
});

describe('what meters say', () => {
  const known = stateAfter(snapshot(10, [TV_OFF], load(0, { measured_w: 300 }), [meter('mains', 300)]));

  it('counts at once, between two commits', () => {
    const state = follow(known, reading('mains', 450));
    expect(state?.meters.get('mains')).toEqual(meter('mains', 450));
    expect(state).toMatchObject({ feedSeq: 10, load: { measured_w: 450 } });
  });

  it('is not 0 W when the meter of the house is stale, whatever an older load still says', () => {
    const state = follow(known, reading('mains', 300, { stale: true }));
    expect(state?.load.measured_w).toBeNull();
    expect(state && follow(state, event(11, TV_ON, load(150, { measured_w: 300 })))?.load.measured_w).toBeNull();
  });

  it('is not forgotten for an answer that knows nothing of meters', () => {
    expect(applyAnswer(known, answer(14, TV_ON, load(150))).load.measured_w).toBe(300);
  });

  it('of a circuit or an appliance is not that of the house', () => {
    const state = follow(known, reading('sub', 9, { measures: 'circuit:kitchen' }));
    expect(follow(state, reading('oven', 8, { measures: 'appliance:oven' }))?.load.measured_w).toBe(300);
  });

  it('is gone with the snapshot of a hub that no longer has the meter', () => {
    expect(follow(known, snapshot(11, []))?.meters.size).toBe(0);
  });

  it('before the first snapshot is nothing', () => {
    expect(follow(null, reading('mains', 1))).toBeNull();
  });
});
