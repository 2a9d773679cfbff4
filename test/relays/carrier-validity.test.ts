import { describe, expect, it } from 'vitest';
import { carrying } from './carrying.ts';
import type { Rig } from './rig.ts';

describe('stillValid: asked when the bytes leave', () => {
  it('an ON that was superseded while the line was busy never leaves', async () => {
    const { rig, carrier } = carrying();
    const free = rig.board.occupy();
    carrier.order(rig.order(1, true));
    await rig.clock.advance(50);
    carrier.order(rig.order(1, false));
    free();
    await rig.clock.advance(500);
    expect([rig.board.left, rig.told]).toEqual([['off 1'], ['a1 off by ack']]);
  });

  it('an ON past its deadline never leaves, and is reported as failed (S11)', async () => {
    const { rig, carrier } = carrying();
    const free = rig.board.occupy();
    carrier.order(rig.order(1, true));
    await rig.clock.advance(5000);
    free();
    await rig.clock.advance(500);
    expect([rig.board.left, rig.told]).toEqual([[], ['a1 failed, unknown']]);
  });

  it('its retries end at the deadline, too', async () => {
    const { rig, carrier } = carrying();
    rig.board.always = 'timeout';
    carrier.order(rig.order(1, true, { deadlineMs: rig.clock.nowMs() + 30 }));
    await rig.clock.advance(500);
    expect([rig.board.left, rig.told]).toEqual([['on 1', 'on 1'], ['a1 failed, unknown']]);
  });

  it('an OFF has no deadline', async () => {
    const { rig, carrier } = carrying();
    const free = rig.board.occupy();
    carrier.order(rig.order(1, false));
    await rig.clock.advance(3_600_000);
    free();
    await rig.clock.advance(100);
    expect(rig.told).toEqual(['a1 off by ack']);
  });

  it.each([
    ['another order stands', (rig: Rig) => void rig.stands(1, 'turning on')],
    ['a reading settled it', (rig: Rig) => rig.settled(1)],
    ['its appliance left the channel', (rig: Rig) => rig.gone(1)],
  ])('nothing is sent when %s, and nothing is said', async (_, happens) => {
    const { rig, carrier } = carrying();
    const free = rig.board.occupy();
    carrier.order(rig.order(1, true));
    await rig.clock.advance(50);
    happens(rig);
    free();
    await rig.clock.advance(500);
    expect([rig.board.left, rig.told]).toEqual([[], []]);
  });

  it("the answer to an exchange that was overtaken is nobody's", async () => {
    const { rig, carrier } = carrying();
    carrier.order(rig.order(1, true));
    await rig.clock.advance(10);
    carrier.order(rig.order(1, false));
    await rig.clock.advance(500);
    expect([rig.board.left, rig.told]).toEqual([['on 1', 'off 1'], ['a1 off by ack']]);
  });
});

describe('close', () => {
  it('ends every retry', async () => {
    const { rig, carrier } = carrying();
    rig.board.always = 'timeout';
    carrier.order(rig.order(1, false));
    await rig.clock.advance(500);
    carrier.close();
    const { length } = rig.board.left;
    await rig.clock.advance(60_000);
    expect(rig.board.left).toHaveLength(length);
    expect(rig.clock.pending).toBe(0);
  });

  it('sends nothing for an order that comes later, from a commit that was in flight', async () => {
    const { rig, carrier } = carrying();
    carrier.close();
    carrier.order(rig.order(1, true));
    await rig.clock.advance(500);
    expect(rig.board.left).toEqual([]);
  });
});
