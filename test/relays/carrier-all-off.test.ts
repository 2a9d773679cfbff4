import { describe, expect, it } from 'vitest';
import { carrying } from './carrying.ts';
import type { Rig } from './rig.ts';

describe('the whole board off in one exchange (design.md 6)', () => {
  async function bothOff(prepare: (rig: Rig) => void, options = { channels: 2, canAllOff: true }): Promise<Rig> {
    const { rig, carrier } = carrying(options);
    rig.board.coils.fill(true);
    const orders = [rig.order(1, false), rig.order(2, false)];
    prepare(rig);
    for (const order of orders) carrier.order(order);
    await rig.clock.advance(500);
    return rig;
  }

  it('OFFs of one commit leave together, and count after a read-back', async () => {
    const rig = await bothOff(() => undefined);
    expect([rig.board.left, rig.told]).toEqual([
      ['all off', 'read'],
      ['a1 off by read', 'a2 off by read'],
    ]);
    expect(rig.board.priorities).toEqual(['off', 'off']);
  });

  it.each([
    ['a channel is on', (rig: Rig) => void rig.stands(3, 'on')],
    ['a channel is turning on', (rig: Rig) => void rig.stands(3, 'turning on')],
    ['nobody knows what hangs on a channel', () => undefined],
  ])('not where %s', async (_, prepare) => {
    const rig = await bothOff(prepare, { channels: 3, canAllOff: true });
    expect(rig.board.left).toEqual(['off 1', 'off 2']);
  });

  it('but where the others are confirmed off, or ordered off', async () => {
    const rig = await bothOff((r) => void [r.stands(3, 'off'), r.stands(4, 'turning off')], {
      channels: 4,
      canAllOff: true,
    });
    expect(rig.board.left).toEqual(['all off', 'read']);
  });

  it('not where the family cannot', async () => {
    const rig = await bothOff(() => undefined, { channels: 2, canAllOff: false });
    expect(rig.board.left).toEqual(['off 1', 'off 2']);
  });

  it('not for one alone', async () => {
    const { rig, carrier } = carrying({ channels: 1, canAllOff: true });
    carrier.order(rig.order(1, false));
    await rig.clock.advance(500);
    expect(rig.board.left).toEqual(['off 1']);
  });

  it.each([
    ['it is not acknowledged', 'all_off', ['all off', 'off 1', 'off 2']],
    ['the read-back fails', 'read', ['all off', 'read', 'off 1', 'off 2']],
  ] as const)('each goes by itself when %s', async (_, op, left) => {
    const rig = await bothOff(({ board }) => board.turns(op, 'timeout'));
    expect([rig.board.left, rig.told]).toEqual([left, ['a1 off by ack', 'a2 off by ack']]);
  });

  it('what reads on after it is switched off by itself', async () => {
    const rig = await bothOff(({ board }) => board.turns('all_off', 'deaf'));
    expect(rig.board.left).toEqual(['all off', 'read', 'off 1', 'off 2']);
  });

  it('does not leave when an ON came in between', async () => {
    const { rig, carrier } = carrying({ channels: 3, canAllOff: true });
    rig.stands(3, 'off');
    const free = rig.board.occupy();
    for (const order of [rig.order(1, false), rig.order(2, false)]) carrier.order(order);
    await rig.clock.advance(10);
    carrier.order(rig.order(3, true));
    free();
    await rig.clock.advance(500);
    expect(rig.board.left).not.toContain('all off');
    expect(rig.told.sort()).toEqual(['a1 off by ack', 'a2 off by ack', 'a3 on by ack']);
  });
});
