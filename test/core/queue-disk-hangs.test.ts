import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../daemon/queue/limits.ts';
import { count, deskOf, word } from './desk.ts';
import { hung, LOADS, mended } from './outage.ts';

describe(`a commit that hangs for more than ${LIMITS.commitStallMs} ms counts as a failed ledger`, () => {
  it('not before', async () => {
    const desk = deskOf(LOADS, ['lamp']);
    desk.ledger.hold();
    const on = desk.toggle('oven', 'on');
    const waiting = desk.toggle('fan', 'on');
    await desk.clock.advance(LIMITS.commitStallMs - 1);
    desk.toggle('lamp', 'off');
    await desk.settle();
    expect([word(on), word(waiting), desk.relays.ahead, desk.queue.health]).toEqual([
      'nothing yet',
      'nothing yet',
      [],
      'ok',
    ]);
  });

  it('ONs are told 503: the one in the commit, those that wait, and those that come', async () => {
    const desk = deskOf(LOADS);
    desk.ledger.hold();
    const inCommit = desk.toggle('oven', 'on');
    await desk.settle();
    const waiting = desk.toggle('lamp', 'on');
    await desk.clock.advance(LIMITS.commitStallMs);
    const late = desk.toggle('fan', 'on');
    await desk.settle();
    expect([inCommit, waiting, late].map(word)).toEqual([
      'ledger_unavailable',
      'ledger_unavailable',
      'ledger_unavailable',
    ]);
    expect([desk.queue.health, desk.queue.waiting, desk.troubles]).toEqual([
      'stalled',
      0,
      ['a commit takes longer than 250 ms'],
    ]);
  });

  it('OFFs go out: the one in the commit, those that waited, and those that come', async () => {
    const desk = deskOf(LOADS, ['lamp', 'fan', 'oven']);
    desk.ledger.hold();
    const inCommit = desk.toggle('lamp', 'off');
    await desk.settle();
    const waiting = desk.toggle('fan', 'off');
    await desk.clock.advance(LIMITS.commitStallMs);
    const late = desk.toggle('oven', 'flip');
    await desk.settle();
    expect(desk.relays.ahead).toEqual(['main/1', 'main/2', 'main/3']);
    for (const { end } of desk.relays.emergencies) end(true);
    await desk.settle();
    expect([inCommit, waiting, late].map(word)).toEqual(['done, unrecorded', 'done, unrecorded', 'done, unrecorded']);
    await mended(desk);
    expect(desk.ledger.told).toEqual([
      'ordered lamp off request',
      'ordered fan off request',
      'ordered oven off request',
    ]);
    expect(desk.relays.sent).toEqual(['lamp off', 'fan off', 'oven off']);
  });

  it('the ON whose caller was told 503 is taken back when its commit lands after all, and never sent', async () => {
    const desk = await hung([]);
    expect(word(desk.toggle('oven', 'on'))).toBe('nothing yet');
    desk.ledger.commit.land();
    await desk.settle();
    expect(desk.ledger.inFlight).toHaveLength(1);
    desk.ledger.release();
    await desk.settle();
    expect(desk.ledger.told).toEqual(['ordered oven on request', 'withdrawn oven', 'ordered oven off withdrawn']);
    expect(desk.relays.sent).toEqual(['oven off']);
    // Counted until it is confirmed off, like any other.
    expect(desk.home.reservedW()).toBe(3000);
    expect(desk.queue.health).toBe('ok');
  });

  it('a declared load is taken back as well', async () => {
    const desk = deskOf(LOADS);
    desk.ledger.hold();
    const on = desk.toggle('heater', 'on', { key: 'k', hash: 'h' });
    await desk.clock.advance(LIMITS.commitStallMs);
    desk.ledger.release();
    await desk.settle();
    expect(word(on)).toBe('ledger_unavailable');
    expect(desk.ledger.told).toEqual([
      'ordered heater on request, settled',
      'withdrawn heater',
      'ordered heater off withdrawn, settled',
    ]);
    expect([desk.home.reservedW(), desk.home.state.keptCount]).toEqual([0, 0]);
  });

  it('its key is free again: the retry is decided anew', async () => {
    const desk = deskOf(LOADS);
    desk.ledger.hold();
    desk.toggle('oven', 'on', { key: 'k', hash: 'h' });
    await desk.clock.advance(LIMITS.commitStallMs);
    desk.ledger.release();
    await desk.settle();
    desk.obeys('oven');
    await desk.settle();
    const retry = desk.toggle('oven', 'on', { key: 'k', hash: 'h' });
    await desk.settle();
    expect([word(retry), desk.relays.sent]).toEqual(['nothing yet', ['oven off', 'oven on']]);
  });

  it('others of the same batch who joined that ON are told, too', async () => {
    const desk = deskOf(LOADS);
    desk.ledger.hold();
    const asked = Array.from({ length: 50 }, () => desk.toggle('oven', 'on'));
    await desk.clock.advance(LIMITS.commitStallMs);
    desk.ledger.release();
    await desk.settle();
    expect(count(asked)).toEqual({ ledger_unavailable: 50 });
    expect(desk.relays.sent).toEqual(['oven off']);
  });

  it('and fails in the end: nothing of it is there', async () => {
    const desk = await hung(['lamp']);
    const off = desk.toggle('lamp', 'off');
    desk.ledger.commit.fail();
    await desk.settle();
    expect([desk.queue.health, desk.heard, desk.home.reservedW(), word(off)]).toEqual([
      'failed',
      [],
      1000,
      'nothing yet',
    ]);
    await mended(desk);
    expect(desk.ledger.told).toEqual(['ordered lamp off request']);
    expect(desk.relays.sent).toEqual(['lamp off']);
    // It went ahead once, before; the repetition is the recorded order.
    expect(desk.relays.ahead).toEqual(['main/1']);
  });

  it('a refusal in the hanging batch is answered when it is on record, not before (S8)', async () => {
    const desk = deskOf(LOADS, ['oven']);
    desk.home.add({ dryer: { w: 3000 } });
    desk.ledger.hold();
    const refused = desk.toggle('dryer', 'on');
    await desk.clock.advance(LIMITS.commitStallMs * 2);
    expect(word(refused)).toBe('nothing yet');
    desk.ledger.release();
    await desk.settle();
    expect(word(refused)).toBe('capacity_exceeded');
  });

  it('an emergency frees nothing: the next ON is measured by what is recorded', async () => {
    const desk = deskOf({ ...LOADS, dryer: { w: 3000 } }, ['oven']);
    desk.ledger.hold();
    desk.toggle('oven', 'off');
    await desk.clock.advance(LIMITS.commitStallMs);
    desk.relays.emergencies[0]?.end(true);
    await desk.settle();
    desk.ledger.release();
    await desk.settle();
    const on = desk.toggle('dryer', 'on');
    await desk.settle();
    expect(word(on)).toBe('capacity_exceeded');
    expect(desk.ledger.told).toEqual(['ordered oven off request', 'refused dryer capacity_exceeded']);
  });

  it('what hangs a second time is a new outage', async () => {
    const desk = await hung([]);
    desk.ledger.commit.land();
    await desk.clock.advance(LIMITS.commitStallMs);
    expect(desk.queue.health).toBe('stalled');
    desk.ledger.release();
    await desk.settle();
    expect(desk.queue.health).toBe('ok');
  });
});
