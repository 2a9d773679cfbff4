import { describe, expect, it } from 'vitest';
import { TIMES } from '../../daemon/relays/limits.ts';
import { carrying } from './carrying.ts';

describe('an OFF of S7, which no ledger row stands for yet', () => {
  it('resolves when the relay confirmed; the queue is told nothing', async () => {
    const { rig, carrier } = carrying();
    rig.stands(1, 'on');
    const off = carrier.emergencyOff(1);
    expect(await rig.clock.settled(off)).toBe(true);
    expect([rig.board.left, rig.told]).toEqual([['off 1'], []]);
  });

  it('is repeated until then', async () => {
    const { rig, carrier } = carrying();
    rig.board.turns('write', ...Array.from({ length: 7 }, () => 'timeout' as const));
    rig.board.turns('read', 'timeout', 'timeout');
    const off = carrier.emergencyOff(1);
    expect(await rig.clock.settled(off)).toBe(true);
    expect(rig.board.left.filter((text) => text === 'off 1')).toHaveLength(8);
  });

  it('takes the place of an ON that is on its way', async () => {
    const { rig, carrier } = carrying();
    const free = rig.board.occupy();
    carrier.order(rig.order(1, true));
    const off = carrier.emergencyOff(1);
    await rig.clock.advance(10);
    free();
    expect(await rig.clock.settled(off)).toBe(true);
    expect(rig.board.left).toEqual(['off 1']);
  });

  it('joins an OFF of the ledger that is on its way: that one is still carried out and reported', async () => {
    const { rig, carrier } = carrying();
    rig.board.always = 'timeout';
    carrier.order(rig.order(1, false));
    await rig.clock.advance(10);
    void carrier.emergencyOff(1);
    await rig.clock.advance(500);
    carrier.dropEmergencies();
    rig.board.always = 'ok';
    await rig.clock.advance(60_000);
    expect(rig.told.at(-1)).toBe('a1 off by ack');
  });

  it('gives way to an order of the ledger', async () => {
    const { rig, carrier } = carrying();
    rig.board.always = 'timeout';
    const off = carrier.emergencyOff(1);
    await rig.clock.advance(500);
    carrier.order(rig.order(1, false));
    expect(await rig.clock.settled(off)).toBe(false);
  });

  it('ends when the ledger commits again; orders of the ledger go on', async () => {
    const { rig, carrier } = carrying();
    rig.board.always = 'timeout';
    carrier.order(rig.order(2, false));
    const off = carrier.emergencyOff(1);
    await rig.clock.advance(500);
    carrier.dropEmergencies();
    expect(await rig.clock.settled(off)).toBe(false);
    rig.board.always = 'ok';
    await rig.clock.advance(20_000);
    expect(rig.told.at(-1)).toBe('a2 off by ack');
    expect(rig.board.left.filter((text) => text === 'off 1').length).toBeLessThanOrEqual(TIMES.attempts);
  });
});
