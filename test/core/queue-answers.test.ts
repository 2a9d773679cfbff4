import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../daemon/queue/limits.ts';
import { Desk, deskOf, word } from './desk.ts';
import { ANNA, BEN, Home } from './home.ts';

const LOADS = { lamp: { w: 1000 }, oven: { w: 3000 }, dryer: { w: 3000 } };

describe('an ON while its OFF is under way waits for the relay, then is decided (design.md 6)', () => {
  it.each([
    ['confirmed', (desk: Desk) => desk.obeys('lamp'), ['lamp off', 'lamp on']],
    ['failed', (desk: Desk) => desk.fails('lamp', 'on'), ['lamp off', 'lamp on']],
  ] as const)('the OFF is %s', async (_, happens, sent) => {
    const desk = deskOf(LOADS, ['lamp']);
    desk.toggle('lamp', 'off');
    const on = desk.toggle('lamp', 'on');
    await desk.settle();
    expect([word(on), desk.relays.sent]).toEqual(['nothing yet', ['lamp off']]);
    happens(desk);
    await desk.settle();
    expect(desk.relays.sent).toEqual(sent);
    desk.obeys('lamp');
    await desk.settle();
    expect(word(on)).toBe('done');
  });

  it('the board is lost meanwhile: refused, for its relay does not answer', async () => {
    const desk = deskOf(LOADS, ['lamp']);
    desk.toggle('lamp', 'off');
    const on = desk.toggle('lamp', 'on');
    await desk.settle();
    desk.fails('lamp', 'unknown');
    await desk.settle();
    expect(word(on)).toBe('relay_unreachable');
  });

  it('goes first when it is decided, but by the limits of that moment', async () => {
    const desk = deskOf(LOADS, ['oven']);
    desk.toggle('oven', 'off');
    const on = desk.toggle('oven', 'on');
    await desk.settle();
    desk.ledger.hold();
    desk.obeys('oven');
    await desk.settle();
    const dryer = desk.toggle('dryer', 'on');
    desk.ledger.release();
    await desk.settle();
    desk.obeys('oven');
    await desk.settle();
    expect([word(on), word(dryer)]).toEqual(['done', 'capacity_exceeded']);
  });

  it('nothing is heard: told so in the end', async () => {
    const desk = deskOf(LOADS, ['lamp']);
    desk.toggle('lamp', 'off');
    const on = desk.toggle('lamp', 'on');
    await desk.clock.advance(LIMITS.answerMs);
    expect(on.answer).toMatchObject({
      ok: false,
      refusal: { code: 'relay_unreachable' },
      standing: { appliance: { id: 'lamp' } },
    });
    expect(desk.clock.pending).toBe(0);
  });

  it('several ONs wait in the order in which they came', async () => {
    const desk = deskOf(LOADS, ['lamp']);
    desk.toggle('lamp', 'off');
    const [first, second] = [desk.toggle('lamp', 'on'), desk.toggle('lamp', 'on', { who: BEN })];
    await desk.settle();
    desk.obeys('lamp');
    await desk.settle();
    desk.obeys('lamp');
    await desk.settle();
    expect([word(first), word(second)]).toEqual(['done', 'no change']);
  });

  it('a relay that was never read: its first reading decides', async () => {
    const desk = new Desk(new Home().add(LOADS, 'unread'));
    const on = desk.toggle('lamp', 'on');
    await desk.settle();
    expect([word(on), desk.ledger.batches]).toEqual(['nothing yet', []]);
    const readings = Object.keys(LOADS).map((appliance) => ({
      appliance,
      generation: desk.home.generation(appliance),
      isOn: false,
    }));
    desk.queue.tell({ kind: 'readings', bus: 'main', readings });
    await desk.settle();
    expect(desk.relays.sent).toEqual(['lamp on']);
  });

  it('a relay that was read on meanwhile needs no bytes', async () => {
    const desk = new Desk(new Home().add(LOADS).switchedOn('lamp'));
    desk.home.restart();
    const on = desk.toggle('lamp', 'on');
    await desk.settle();
    desk.queue.tell({
      kind: 'readings',
      bus: 'main',
      readings: [{ appliance: 'lamp', generation: desk.home.generation('lamp'), isOn: true }],
    });
    await desk.settle();
    expect([word(on), desk.relays.sent]).toEqual(['no change', []]);
  });
});

describe('what becomes of those who wait for a relay', () => {
  it.each<[string, (desk: Desk) => unknown, string]>([
    ['it obeys', (desk: Desk) => desk.obeys('lamp'), 'done'],
    ['it fails', (desk: Desk) => desk.fails('lamp', 'off'), 'relay_unreachable'],
    ['an OFF overtakes', (desk: Desk) => desk.toggle('lamp', 'off'), 'superseded'],
  ])('%s', async (_, happens, expected) => {
    const desk = deskOf(LOADS);
    const on = desk.toggle('lamp', 'on');
    await desk.settle();
    happens(desk);
    await desk.settle();
    expect(word(on)).toBe(expected);
  });

  it('an OFF in place of an OFF takes them over: they hear of the second', async () => {
    const desk = deskOf(LOADS, ['lamp']);
    const first = desk.toggle('lamp', 'off');
    desk.queue.tell({ kind: 'bus_lost', bus: 'main', reason: 'no answer' });
    await desk.settle();
    desk.ask({ kind: 'retire', appliance: 'lamp', reason: 'sold', who: ANNA });
    await desk.settle();
    expect(word(first)).toBe('nothing yet');
    desk.obeys('lamp');
    await desk.settle();
    expect(word(first)).toBe('done');
  });

  it(`nobody waits longer than ${LIMITS.answerMs} ms, and a word that comes later finds nobody`, async () => {
    const desk = deskOf(LOADS);
    const on = desk.toggle('lamp', 'on');
    await desk.clock.advance(LIMITS.answerMs - 1);
    expect(word(on)).toBe('nothing yet');
    await desk.clock.advance(1);
    expect(on.answer).toMatchObject({
      ok: false,
      refusal: { code: 'relay_unreachable' },
      // Not the order's outcome: asked again with the same key, the caller waits for the same order.
      decision: null,
    });
    desk.obeys('lamp');
    await desk.settle();
    expect([word(on), desk.home.view('lamp').relay_state]).toEqual(['relay_unreachable', 'on']);
  });

  it('a late word about an older order settles nobody', async () => {
    const desk = deskOf(LOADS);
    desk.toggle('lamp', 'on');
    await desk.settle();
    const generation = desk.home.generation('lamp');
    const off = desk.toggle('lamp', 'off');
    await desk.settle();
    desk.queue.tell({ kind: 'relay_confirmed', appliance: 'lamp', generation, isOn: true, evidence: 'ack' });
    await desk.settle();
    expect(word(off)).toBe('nothing yet');
  });

  it('those who joined a retry wait with the first, whatever their key', async () => {
    const desk = deskOf(LOADS);
    const first = desk.toggle('lamp', 'on', { key: 'k', hash: 'h' });
    await desk.settle();
    const again = desk.toggle('lamp', 'on', { key: 'k', hash: 'h' });
    await desk.settle();
    desk.obeys('lamp');
    await desk.settle();
    expect(again.answer).toEqual(first.answer);
  });
});

describe('a swap breaks before it makes (S6)', () => {
  it('the watts are there when the OFF is confirmed', async () => {
    const desk = deskOf(LOADS, ['oven']);
    desk.toggle('oven', 'off');
    const early = desk.toggle('dryer', 'on');
    await desk.settle();
    expect(word(early)).toBe('capacity_exceeded');
    desk.obeys('oven');
    const late = desk.toggle('dryer', 'on');
    await desk.settle();
    expect([word(late), desk.relays.sent]).toEqual(['nothing yet', ['oven off', 'dryer on']]);
  });
});

describe('what follows from a decision is asked in its turn', () => {
  it('power comes back: a restore is an ordinary request', async () => {
    const home = new Home().add({ lamp: { w: 1000, onPowerLoss: 'restore' } }).switchedOn('lamp');
    home.restart();
    const desk = new Desk(home);
    desk.queue.tell({
      kind: 'readings',
      bus: 'main',
      readings: [{ appliance: 'lamp', generation: home.generation('lamp'), isOn: false }],
    });
    await desk.settle();
    expect(desk.ledger.told).toEqual(['ordered lamp off read_off, settled', 'ordered lamp on request']);
    expect(desk.relays.sent).toEqual(['lamp on']);
    expect(desk.ledger.durable.at(-1)?.who?.principal).toBe('hub');
  });
});
