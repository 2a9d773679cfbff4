import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../daemon/queue/limits.ts';
import { count, type Desk, deskOf, word } from './desk.ts';
import { ANNA, settingsOf } from './home.ts';

const LOADS = { lamp: { w: 1000 }, fan: { w: 500 }, oven: { w: 3000 } };

describe('nothing is sent, answered or believed before it is durable (S3)', () => {
  it('a grant, a refusal and a declared load wait for the commit', async () => {
    const desk = deskOf({ ...LOADS, heater: { w: 100, channel: null } }, ['oven']);
    desk.ledger.hold();
    const lamp = desk.toggle('lamp', 'on');
    const oven = desk.toggle('oven', 'on');
    const heater = desk.toggle('heater', 'on');
    await desk.settle();
    expect([lamp, oven, heater].map(word)).toEqual(['nothing yet', 'nothing yet', 'nothing yet']);
    expect([desk.relays.sent, desk.heard, desk.home.reservedW()]).toEqual([[], [], 3000]);
    desk.ledger.release();
    await desk.settle();
    expect([lamp, oven, heater].map(word)).toEqual(['nothing yet', 'no change', 'done']);
    expect([desk.relays.sent, desk.home.reservedW()]).toEqual([['lamp on'], 4100]);
  });

  it('the caller of a relay hears when the confirmation is durable', async () => {
    const desk = deskOf(LOADS);
    const lamp = desk.toggle('lamp', 'on');
    await desk.settle();
    desk.ledger.hold();
    desk.obeys('lamp');
    await desk.settle();
    expect(word(lamp)).toBe('nothing yet');
    desk.ledger.release();
    await desk.settle();
    expect(lamp.answer).toMatchObject({
      ok: true,
      changed: true,
      decision: { seq: desk.home.state.seq - 1 },
      standing: { appliance: { relay_state: 'on' }, load: { reserved_w: 1000 } },
    });
  });

  it('an order carries its generation and its deadline: an ON has one, an OFF has none (S11)', async () => {
    const desk = deskOf(LOADS, ['fan']);
    desk.ledger.hold();
    desk.toggle('lamp', 'on');
    desk.toggle('fan', 'off');
    await desk.clock.advance(200);
    // The hub stood still: leases do not age by that, orders do.
    desk.stalledMs = 200;
    desk.ledger.release();
    await desk.settle();
    expect(desk.relays.orders).toEqual([
      {
        appliance: 'fan',
        bus: 'main',
        channel: 2,
        isOn: false,
        generation: desk.home.generation('fan'),
        deadlineMs: null,
        needsRead: false,
      },
      // Counted from the decision, not from the end of its commit.
      {
        appliance: 'lamp',
        bus: 'main',
        channel: 1,
        isOn: true,
        generation: desk.home.generation('lamp'),
        deadlineMs: LIMITS.onDeadlineMs,
        needsRead: false,
      },
    ]);
  });
});

describe('group commit', () => {
  it('one batch is in flight; what comes meanwhile is the next one', async () => {
    const desk = deskOf(LOADS);
    desk.ledger.hold();
    desk.toggle('lamp', 'on');
    await desk.settle();
    for (let i = 0; i < 9; i++) desk.toggle('fan', i % 2 === 0 ? 'on' : 'off', { key: `k${i}`, hash: `h${i}` });
    await desk.settle();
    expect(desk.ledger.inFlight).toHaveLength(1);
    desk.ledger.commit.land();
    await desk.settle();
    expect(desk.ledger.inFlight).toHaveLength(1);
    desk.ledger.release();
    await desk.settle();
    expect(desk.ledger.batches).toEqual([1, 9]);
  });

  it('what arrives in one turn is committed together', async () => {
    const desk = deskOf(LOADS);
    desk.toggle('lamp', 'on');
    desk.toggle('fan', 'on');
    desk.toggle('oven', 'on');
    await desk.settle();
    expect(desk.ledger.batches).toEqual([3]);
  });

  it(`holds at most ${LIMITS.batch} of the FIFO lane`, async () => {
    const desk = deskOf({ heater: { w: 1, channel: null } });
    const asked = Array.from({ length: LIMITS.waiting }, () => desk.toggle('heater', 'on'));
    await desk.settle();
    expect(desk.ledger.batches).toEqual([LIMITS.batch, LIMITS.batch]);
    expect(count(asked)).toEqual({ done: 1, 'no change': LIMITS.waiting - 1 });
  });

  it('what decides nothing needs no commit, and still is a turn', async () => {
    const desk = deskOf(LOADS);
    const gone = desk.toggle('ghost', 'on');
    await desk.settle();
    expect([word(gone), desk.ledger.batches, desk.turns]).toEqual(['not_found', [], 1]);
  });

  it('a probe is a turn of an idle queue; while a commit is in flight it is not', async () => {
    const desk = deskOf(LOADS);
    desk.queue.probe();
    await desk.settle();
    expect(desk.turns).toBe(1);
    desk.ledger.hold();
    desk.toggle('lamp', 'on');
    await desk.settle();
    desk.queue.probe();
    await desk.settle();
    expect(desk.turns).toBe(1);
  });

  it('inside a batch each input sees the events of the one before', async () => {
    const desk = deskOf({ oven: { w: 3000 }, dryer: { w: 3000 } });
    const [oven, dryer] = [desk.toggle('oven', 'on'), desk.toggle('dryer', 'on')];
    await desk.settle();
    expect([word(oven), word(dryer), desk.ledger.batches]).toEqual(['nothing yet', 'capacity_exceeded', [2]]);
  });

  it('an OFF that follows its ON in one batch: only the OFF leaves', async () => {
    const desk = deskOf(LOADS);
    const on = desk.toggle('lamp', 'on');
    // A wall switch, pressed when the lamp was off: it takes its turn behind the ON, and then means OFF.
    desk.toggle('lamp', 'flip');
    await desk.settle();
    expect(desk.ledger.told).toEqual(['ordered lamp on request', 'ordered lamp off request']);
    expect([word(on), desk.relays.sent]).toEqual(['superseded', ['lamp off']]);
  });
});

describe('live events', () => {
  it('come in order, once each, when the state has them', async () => {
    const desk = deskOf(LOADS);
    desk.toggle('lamp', 'on');
    desk.toggle('fan', 'on');
    await desk.settle();
    desk.obeys('lamp', 'fan');
    await desk.settle();
    expect(desk.heard).toEqual([
      'ordered lamp on request',
      'ordered fan on request',
      'confirmed lamp on ack',
      'confirmed fan on ack',
    ]);
    expect(desk.ledger.told).toEqual(desk.heard);
  });
});

describe('what else the relays are told', () => {
  it('a look at the boards when an appliance came or left', async () => {
    const desk = deskOf(LOADS);
    desk.ask({ kind: 'change_appliance', appliance: 'lamp', change: { name: 'desk lamp' }, who: ANNA });
    desk.ask({ kind: 'remove_appliance', appliance: 'fan', who: ANNA });
    await desk.settle();
    expect(desk.relays.looks).toBe(1);
    desk.toggle('lamp', 'on');
    await desk.settle();
    expect(desk.relays.looks).toBe(1);
  });

  it('an order for a relay that did not obey an acknowledged OFF asks for a read-back', async () => {
    const desk = deskOf(LOADS, ['lamp']);
    desk.toggle('lamp', 'off');
    await desk.settle();
    desk.fails('lamp', 'on');
    await desk.settle();
    desk.toggle('lamp', 'off');
    await desk.settle();
    expect(desk.relays.orders.map(({ needsRead }) => needsRead)).toEqual([false, true]);
  });
});

describe('an appliance that was just declared', () => {
  const declare = (desk: Desk) =>
    desk.ask({ kind: 'add_appliance', settings: settingsOf('new', { w: 10, channel: 8 }), who: ANNA });

  it('is answered once its relay was read', async () => {
    const desk = deskOf(LOADS);
    const asked = declare(desk);
    await desk.settle();
    expect(word(asked)).toBe('nothing yet');
    desk.queue.tell({
      kind: 'readings',
      bus: 'main',
      readings: [{ appliance: 'new', generation: desk.home.generation('new'), isOn: false }],
    });
    await desk.settle();
    expect(asked.answer).toMatchObject({ ok: true, standing: { appliance: { relay_state: 'off' } } });
  });

  it('or after a while, unknown as it is', async () => {
    const desk = deskOf(LOADS);
    const asked = declare(desk);
    await desk.clock.advance(LIMITS.firstReadingMs - 1);
    expect(word(asked)).toBe('nothing yet');
    await desk.clock.advance(1);
    expect(asked.answer).toMatchObject({ ok: true, standing: { appliance: { relay_state: 'unknown' } } });
  });
});
