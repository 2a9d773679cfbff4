import { describe, expect, it } from 'vitest';
import { apply } from '../../daemon/core/apply.ts';
import { readSnapshot, writeSnapshot } from '../../daemon/core/snapshot.ts';
import { emptyState } from '../../daemon/core/state.ts';
import { unfinishedOffs } from '../../daemon/queue/orders.ts';
import { events, type Home } from './home.ts';
import { lampThatIs, play } from './play.ts';

/** What came between the OFF that read on and the next one. */
const BETWEEN = [
  ['nothing', ''],
  ['its board was lost', 'main lost;'],
  ['the hub started anew', 'restart;'],
  ['its OFF failed without an answer', 'lamp fails unknown;'],
  ['both', 'main lost; restart; main lost;'],
  ['its board was lost and reads on', 'main lost; lamp reads on;'],
  ['an ON that was obeyed', 'lamp on; lamp obeys;'],
] as const;

function stuckOn(then: string): Home {
  const home = lampThatIs('stuck on');
  play(home, `${then} lamp off`);
  return home;
}

describe('an OFF that was seen not to be obeyed is remembered', () => {
  it.each(BETWEEN)('%s: an acknowledgement proves no OFF', (_, then) => {
    const home = stuckOn(then);
    expect(events(home.obeys('lamp', 'ack'))).toEqual([]);
    expect(home.reservedW()).toBe(1000);
  });

  it.each(BETWEEN)('%s: its next OFF is read back', (_, then) => {
    const { state } = stuckOn(then);
    const orders = unfinishedOffs(state);
    expect(orders).toMatchObject([{ appliance: 'lamp', needsRead: true }]);
  });

  it.each(BETWEEN)('%s: where it cannot be read any more, told off is not off', (_, then) => {
    const home = stuckOn(then);
    home.obeys('lamp', 'assumed');
    expect(home.appliance('lamp').evidence).toBe('unproven');
    expect(home.reservedW()).toBe(1000);
  });

  it.each(['main lost', 'restart'])('%s, then a round of OFFs that nobody can read back: still not off', (then) => {
    const home = stuckOn('');
    home.obeys('lamp', 'assumed');
    play(home, then);
    home.assumes('lamp', 'assumed');
    expect(home.view('lamp')).toMatchObject({ relay_state: 'off', verified: false, reserved_w: 1000 });
  });

  it.each([
    ['lamp obeys by reading', 'confirmed lamp off read'],
    ['lamp reads off', 'confirmed lamp off read'],
  ])('until %s', (steps, told) => {
    const home = stuckOn('main lost;');
    expect(events(play(home, steps))).toEqual([told]);
    play(home, 'lamp on; lamp obeys; lamp off');
    expect(events(home.obeys('lamp', 'ack'))).toEqual(['confirmed lamp off ack']);
  });

  it('also where a poll found it on after the acknowledgement', () => {
    const home = lampThatIs('turning off');
    play(home, 'lamp obeys; lamp reads on; main lost; lamp reads on');
    expect(events(home.obeys('lamp', 'ack'))).toEqual([]);
  });

  it('in a snapshot, and in a replay', () => {
    const { state, history } = stuckOn('main lost;');
    const replayed = emptyState();
    for (const event of history) apply(replayed, event);
    for (const s of [readSnapshot(writeSnapshot(state)), replayed])
      expect(s?.appliances.get('lamp')?.disobeyed).toBe(true);
  });
});
