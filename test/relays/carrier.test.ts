import { describe, expect, it } from 'vitest';
import { TIMES } from '../../daemon/relays/limits.ts';
import { carrying } from './carrying.ts';

describe('an order is sent, acknowledged, reported', () => {
  it.each([
    [true, ['on 3'], ['a3 on by ack'], ['on']],
    [false, ['off 3'], ['a3 off by ack'], ['off']],
  ])('on: %s', async (isOn, left, told, priorities) => {
    const { rig, carrier } = carrying();
    carrier.order(rig.order(3, isOn));
    await rig.clock.advance(100);
    expect([rig.board.left, rig.told, rig.board.priorities]).toEqual([left, told, priorities]);
    expect(rig.clock.pending).toBe(0);
  });

  it('with the generation of the order', async () => {
    const { rig, carrier } = carrying();
    const order = rig.order(3, true);
    carrier.order(order);
    await rig.clock.advance(100);
    expect(rig.inputs).toEqual([
      { kind: 'relay_confirmed', appliance: 'a3', generation: order.generation, isOn: true, evidence: 'ack' },
    ]);
  });
});

describe('what is lost on the way is repeated, then read back', () => {
  /** The turns of the write and of the read-back; what left, and what was reported. */
  const ROWS: readonly [
    isOn: boolean,
    write: readonly ('ok' | 'timeout' | 'exception' | 'mute_but_obeyed' | 'broken')[],
    read: 'ok' | 'timeout',
    left: readonly string[],
    told: readonly string[],
  ][] = [
    [true, ['timeout', 'ok'], 'ok', ['on 1', 'on 1'], ['a1 on by ack']],
    [true, ['timeout', 'exception', 'ok'], 'ok', ['on 1', 'on 1', 'on 1'], ['a1 on by ack']],
    [true, ['mute_but_obeyed', 'timeout', 'timeout'], 'ok', ['on 1', 'on 1', 'on 1', 'read'], ['a1 on by read']],
    [true, ['timeout', 'timeout', 'timeout'], 'ok', ['on 1', 'on 1', 'on 1', 'read'], ['a1 failed, off']],
    [true, ['timeout', 'timeout', 'timeout'], 'timeout', ['on 1', 'on 1', 'on 1', 'read'], ['a1 failed, unknown']],
    [true, ['broken', 'ok'], 'ok', ['on 1', 'on 1'], ['a1 on by ack']],
  ];

  it.each(ROWS)('on %s, writes %j, read-back %s', async (isOn, write, read, left, told) => {
    const { rig, carrier } = carrying();
    rig.board.turns('write', ...write);
    rig.board.turns('read', read);
    carrier.order(rig.order(1, isOn));
    await rig.clock.advance(500);
    expect([rig.board.left, rig.told]).toEqual([left, told]);
  });

  it('an ON is then given up: what comes next is an order of its own', async () => {
    const { rig, carrier } = carrying();
    rig.board.always = 'timeout';
    carrier.order(rig.order(1, true));
    await rig.clock.advance(60_000);
    expect([rig.board.left.length, rig.told]).toEqual([TIMES.attempts + 1, ['a1 failed, unknown']]);
    expect(rig.clock.pending).toBe(0);
  });

  it('a driver that breaks is reported, and stops nobody', async () => {
    const { rig, carrier } = carrying();
    rig.board.turns('write', 'broken');
    carrier.order(rig.order(1, true));
    await rig.clock.advance(500);
    expect(rig.troubles).toEqual(['the driver of bus main broke']);
    expect(rig.exchanges).toBe(2);
  });

  it('without a port nothing is tried again: it would be late (S11)', async () => {
    const { rig, carrier } = carrying();
    rig.board.isOpen = false;
    carrier.order(rig.order(1, true));
    await rig.clock.advance(100);
    rig.board.open();
    await rig.clock.advance(60_000);
    expect([rig.board.left, rig.told]).toEqual([[], ['a1 failed, unknown']]);
  });
});

describe('an OFF is repeated until it is confirmed (S7)', () => {
  it('after its attempts it is put off, each time twice as long', async () => {
    const { rig, carrier } = carrying();
    rig.board.always = 'timeout';
    carrier.order(rig.order(1, false));
    const starts: number[] = [];
    for (let i = 0; i < 6; i++) {
      starts.push(rig.clock.nowMs());
      const { length } = rig.board.left;
      await rig.clock.until(() => rig.board.left.length > length + TIMES.attempts, 60_000);
      await rig.clock.until(() => rig.told.length > i, 60_000);
    }
    const pauses = starts.slice(1).map((ms, i) => Math.round((ms - (starts[i] ?? 0)) / 1000));
    expect(pauses).toEqual([0, 1, 2, 4, 8]);
    expect(rig.told).toHaveLength(6);
  });

  it('at most every 10 s, for ever; and it ends when the board obeys', async () => {
    const { rig, carrier } = carrying();
    rig.board.always = 'timeout';
    carrier.order(rig.order(1, false));
    await rig.clock.advance(3_600_000);
    expect(rig.told.length).toBeGreaterThan(300);
    rig.board.always = 'ok';
    await rig.clock.advance(TIMES.retryAtMostMs + 1000);
    expect(rig.told.at(-1)).toBe('a1 off by ack');
    expect(rig.clock.pending).toBe(0);
  });

  it('a board that answers again is tried at once', async () => {
    const { rig, carrier } = carrying();
    rig.board.always = 'timeout';
    carrier.order(rig.order(1, false));
    await rig.clock.advance(60_000);
    rig.board.always = 'ok';
    carrier.retryNow();
    await rig.clock.advance(100);
    expect(rig.told.at(-1)).toBe('a1 off by ack');
    expect(rig.clock.pending).toBe(0);
  });

  it('what is under way for the first time is not doubled by that', async () => {
    const { rig, carrier } = carrying();
    carrier.order(rig.order(1, false));
    carrier.retryNow();
    await rig.clock.advance(100);
    expect(rig.board.left).toEqual(['off 1']);
  });

  it('ends when its reading settled it meanwhile', async () => {
    const { rig, carrier } = carrying();
    rig.board.always = 'timeout';
    carrier.order(rig.order(1, false));
    await rig.clock.advance(500);
    rig.settled(1);
    const { length } = rig.board.left;
    await rig.clock.advance(60_000);
    expect(rig.board.left).toHaveLength(length);
    expect(rig.clock.pending).toBe(0);
  });
});

describe('an acknowledged OFF that was not obeyed before is believed only when it reads off', () => {
  it('read back after each write', async () => {
    const { rig, carrier } = carrying();
    rig.board.coils[0] = true;
    rig.board.turns('write', 'deaf', 'ok');
    carrier.order(rig.order(1, false, { needsRead: true }));
    await rig.clock.advance(500);
    expect([rig.board.left, rig.told]).toEqual([['off 1', 'read', 'off 1', 'read'], ['a1 off by read']]);
  });

  it('a welded one is reported as on', async () => {
    const { rig, carrier } = carrying();
    rig.board.coils[0] = true;
    rig.board.turns('write', 'deaf', 'deaf', 'deaf');
    carrier.order(rig.order(1, false, { needsRead: true }));
    await rig.clock.advance(500);
    expect(rig.told).toEqual(['a1 failed, on']);
  });
});
