import { describe, expect, it } from 'vitest';
import { Board } from '../../daemon/relays/board.ts';
import { Carrier } from '../../daemon/relays/carrier.ts';
import { TIMES } from '../../daemon/relays/limits.ts';
import type { OffWithoutProof } from '../../daemon/relays/port.ts';
import { Rig } from './rig.ts';

function carrying(kind: 'mute' | 'blind', offWithoutProof: OffWithoutProof = 'hold'): { rig: Rig; carrier: Carrier } {
  const rig = new Rig({ offWithoutProof });
  rig.board.kind = kind;
  return { rig, carrier: new Carrier(rig.parts) };
}

describe('a board that acknowledges nothing is read back before it is believed', () => {
  /** The turns of the writes; what left, and what was reported. */
  const ROWS: readonly [isOn: boolean, writes: readonly ('ok' | 'deaf')[], left: readonly string[], told: string][] = [
    [true, ['ok'], ['on 1', 'read'], 'a1 on by read'],
    [false, ['ok'], ['off 1', 'read'], 'a1 off by read'],
    [true, ['deaf', 'ok'], ['on 1', 'read', 'on 1', 'read'], 'a1 on by read'],
    [true, ['deaf', 'deaf', 'deaf'], ['on 1', 'read', 'on 1', 'read', 'on 1', 'read', 'read'], 'a1 failed, off'],
  ];

  it.each(ROWS)('on %s, writes %j', async (isOn, writes, left, told) => {
    const { rig, carrier } = carrying('mute');
    rig.board.coils[0] = !isOn;
    rig.board.turns('write', ...writes);
    carrier.order(rig.order(1, isOn));
    await rig.clock.advance(900);
    expect([rig.board.left, rig.told]).toEqual([left, [told]]);
  });
});

describe('a board that cannot be read back', () => {
  it.each([
    ['hold', 'unproven'],
    ['release', 'assumed'],
  ] as const)('%s: an OFF is sent three times, and %s', async (setting, evidence) => {
    const { rig, carrier } = carrying('blind', setting);
    carrier.order(rig.order(1, false));
    await rig.clock.advance(500);
    expect(rig.board.left).toEqual(['off 1', 'off 1', 'off 1']);
    expect(rig.told).toEqual([`a1 off by ${evidence}`]);
  });

  it('an ON is sent once: what nobody answers is never repeated late (S11)', async () => {
    const { rig, carrier } = carrying('blind');
    carrier.order(rig.order(1, true));
    await rig.clock.advance(60_000);
    expect([rig.board.left, rig.told]).toEqual([['on 1'], ['a1 on by unproven']]);
  });

  it('an OFF that is superseded between its repetitions stops there', async () => {
    const { rig, carrier } = carrying('blind');
    carrier.order(rig.order(1, false));
    await rig.clock.until(() => rig.board.left.length === 1);
    rig.stands(1, 'turning on');
    await rig.clock.advance(1000);
    expect([rig.board.left, rig.told]).toEqual([['off 1'], []]);
  });

  it('an OFF whose port breaks between its repetitions is not obeyed, and is tried again', async () => {
    const { rig, carrier } = carrying('blind');
    rig.board.turns('write', 'ok', 'write_failed');
    carrier.order(rig.order(1, false));
    await rig.clock.advance(500);
    expect(rig.told).toEqual(['a1 failed, unknown']);
    await rig.clock.advance(TIMES.retryMs + 500);
    expect(rig.told.at(-1)).toBe('a1 off by unproven');
  });

  it('an OFF of S7 is confirmed when it left three times', async () => {
    const { rig, carrier } = carrying('blind');
    const confirmed = carrier.emergencyOff(2);
    expect(await rig.clock.settled(confirmed)).toBe(true);
    expect(rig.board.left).toEqual(['off 2', 'off 2', 'off 2']);
  });
});

async function supervised(prepare: (rig: Rig) => void): Promise<{ rig: Rig; board: Board }> {
  const rig = new Rig();
  rig.board.kind = 'blind';
  prepare(rig);
  const board = new Board(rig.parts);
  board.start();
  await rig.clock.advance(500);
  return { rig, board };
}

describe('its supervisor', () => {
  it('takes it for what it was told: OFF once more, ON never', async () => {
    const { rig, board } = await supervised((r) => {
      r.stands(1, 'off');
      r.stands(2, 'on');
      r.stands(4, 'off');
    });
    expect(rig.board.left).toEqual(['off 1', 'off 4']);
    expect(rig.told).toEqual(['unproven a1=off a2=on a4=off']);
    expect(board.health).toMatchObject({ id: 'main', up: true, reason: null });
  });

  it('repeats its OFFs now and then, and after each opening of the port', async () => {
    const { rig } = await supervised((r) => void r.stands(1, 'off'));
    await rig.clock.advance(TIMES.refreshMs * 3);
    expect(rig.board.left).toEqual(['off 1', 'off 1', 'off 1', 'off 1']);
    rig.board.close();
    await rig.clock.advance(1000);
    const { length } = rig.board.left;
    rig.board.open();
    await rig.clock.advance(500);
    expect(rig.board.left.slice(length)).toEqual(['off 1']);
    expect(rig.told.at(-1)).toBe('unproven a1=off');
  });

  it('says nothing of an OFF that did not leave', async () => {
    const { rig, board } = await supervised((r) => {
      r.stands(1, 'off');
      r.board.turns('write', 'write_failed');
    });
    expect(rig.told).toEqual([expect.stringContaining('lost: ')]);
    expect(board.health.up).toBe(false);
  });

  it('a port that is closed is no board that cannot be asked', async () => {
    const { rig, board } = await supervised((r) => {
      r.stands(1, 'on');
      r.board.isOpen = false;
    });
    board.pollNow();
    await rig.clock.advance(5000);
    expect(rig.told).not.toContain('unproven a1=on');
    expect(board.health.up).toBe(false);
  });

  it('leaves alone what the carrier has in hand', async () => {
    const { rig, board } = await supervised((r) => void r.stands(1, 'off'));
    const { length } = rig.board.left;
    const free = rig.board.occupy();
    board.carrier.order(rig.order(1, true));
    board.pollNow();
    await rig.clock.advance(10);
    free();
    await rig.clock.advance(2000);
    expect(rig.board.left.slice(length)).toEqual(['on 1']);
    expect(rig.told.filter((text) => text.startsWith('a1'))).toEqual(['a1 on by unproven']);
  });

  it('an OFF that an ON overtakes while it waits for the line never leaves', async () => {
    const { rig, board } = await supervised((r) => void r.stands(1, 'on'));
    rig.stands(1, 'off');
    const free = rig.board.occupy();
    board.pollNow();
    await rig.clock.advance(10);
    rig.stands(1, 'on');
    free();
    await rig.clock.advance(500);
    expect(rig.board.left).toEqual([]);
  });

  it('an ON of before this start, which nobody carries, is given up (S11)', async () => {
    const { rig } = await supervised((r) => void r.stands(1, 'turning on'));
    expect([rig.board.left, rig.told]).toEqual([[], ['a1 failed, unknown']]);
  });
});
