import { describe, expect, it } from 'vitest';
import { Board } from '../../daemon/relays/board.ts';
import { TIMES } from '../../daemon/relays/limits.ts';
import { Rig } from './rig.ts';

async function started(prepare: (rig: Rig) => void = () => undefined): Promise<{ rig: Rig; board: Board }> {
  const rig = new Rig();
  prepare(rig);
  const board = new Board(rig.parts);
  board.start();
  await rig.clock.advance(100);
  return { rig, board };
}

/** What was told since this was called. */
function sinceNow(rig: Rig): () => string[] {
  const { length } = rig.told;
  return () => rig.told.slice(length);
}

describe('polling', () => {
  it('reads at once, then once a second; only channels that somebody has', async () => {
    const { rig } = await started((r) => {
      r.stands(1, 'off');
      r.stands(3, 'on');
      r.board.coils[2] = true;
    });
    expect(rig.told).toEqual(['read a1=off a3=on']);
    await rig.clock.advance(3 * (TIMES.pollMs + 24));
    expect(rig.told).toHaveLength(4);
    expect(rig.board.priorities.every((priority) => priority === 'read')).toBe(true);
  });

  it('says nothing for a board on which nobody hangs, but knows that it is there', async () => {
    const { rig, board } = await started();
    expect([rig.told, board.isKnown]).toEqual([[], true]);
    expect(board.health).toMatchObject({ id: 'main', up: true, reason: null, advice: null });
  });

  it('waits for the port to open', async () => {
    const { rig, board } = await started((r) => {
      r.stands(1, 'off');
      r.board.isOpen = false;
    });
    expect([rig.told, board.isKnown]).toEqual([[], false]);
    rig.board.open();
    await rig.clock.advance(100);
    expect([rig.told, board.isKnown]).toEqual([['read a1=off'], true]);
  });

  it('a look that is asked for during a poll comes right after it', async () => {
    const { rig, board } = await started((r) => void r.stands(1, 'off'));
    const { length } = rig.board.left;
    board.pollNow();
    board.pollNow();
    board.pollNow();
    await rig.clock.advance(200);
    expect(rig.board.left).toHaveLength(length + 2);
  });

  it('ends with close', async () => {
    const { rig, board } = await started();
    board.close();
    const { length } = rig.board.left;
    board.pollNow();
    await rig.clock.advance(60_000);
    expect(rig.board.left).toHaveLength(length);
    expect(rig.clock.pending).toBe(0);
  });
});

describe('an observation carries the generation at which its exchange started', () => {
  it('what is ordered while the poll is under way is not what it read', async () => {
    const { rig, board } = await started((r) => void r.stands(1, 'off'));
    const before = rig.stands(1, 'off');
    board.pollNow();
    await rig.clock.advance(10);
    rig.stands(1, 'turning on');
    await rig.clock.advance(100);
    expect(rig.inputs.at(-1)).toMatchObject({
      readings: [{ appliance: 'a1', generation: before.generation, isOn: false }],
    });
  });

  it('but what is ordered while it waits for the line is', async () => {
    const { rig, board } = await started((r) => void r.stands(1, 'off'));
    const free = rig.board.occupy();
    board.pollNow();
    await rig.clock.advance(10);
    const ordered = rig.stands(1, 'turning on');
    free();
    await rig.clock.advance(100);
    expect(rig.inputs.at(-1)).toMatchObject({ readings: [{ generation: ordered.generation }] });
  });

  it('a channel that changes hands meanwhile is not heard for its new owner', async () => {
    const { rig, board } = await started();
    board.pollNow();
    await rig.clock.advance(10);
    const since = sinceNow(rig);
    rig.stands(1, 'off');
    await rig.clock.advance(50);
    expect(since()).toEqual([]);
  });
});

describe('a relay that was confirmed on and reads off is believed when two exchanges say so', () => {
  it('both do', async () => {
    const { rig } = await started((r) => void r.stands(1, 'on'));
    expect(rig.told).toEqual(['read a1=off']);
    expect(rig.board.left).toEqual(['read', 'read']);
  });

  it('the second contradicts: it is on', async () => {
    const rig = new Rig();
    rig.stands(1, 'on');
    const board = new Board(rig.parts);
    board.start();
    await rig.clock.advance(10);
    rig.board.coils[0] = true;
    await rig.clock.advance(100);
    expect(rig.told).toEqual(['read a1=on']);
  });

  it('only the second says so: the next poll decides', async () => {
    const rig = new Rig();
    rig.stands(1, 'on');
    rig.stands(2, 'on');
    rig.board.coils[1] = true;
    new Board(rig.parts).start();
    await rig.clock.advance(10);
    rig.board.coils[1] = false;
    await rig.clock.advance(100);
    expect(rig.told).toEqual(['read a1=off']);
  });

  it('ordered anew in between: two old words confirm nothing', async () => {
    const rig = new Rig();
    rig.stands(1, 'on');
    new Board(rig.parts).start();
    await rig.clock.advance(10);
    rig.stands(1, 'on');
    await rig.clock.advance(100);
    expect(rig.told).toEqual([]);
  });

  it('the second is not heard at all: a missed poll, and nothing is told', async () => {
    const { rig } = await started((r) => {
      r.stands(1, 'on');
      r.board.turns('read', 'ok', 'timeout');
    });
    expect(rig.told).toEqual([]);
  });

  it.each(['turning on', 'turning off', 'off'] as const)('%s needs one exchange', async (how) => {
    const { rig } = await started((r) => void r.stands(1, how));
    expect([rig.told, rig.board.left]).toEqual([['read a1=off'], ['read']]);
  });
});

describe('a board that stops answering', () => {
  it(`is lost after ${TIMES.pollsUntilLost} polls: one spoiled frame is no outage`, async () => {
    const { rig, board } = await started((r) => void r.stands(1, 'off'));
    const since = sinceNow(rig);
    rig.board.turns('read', 'timeout', 'timeout', 'ok', 'timeout', 'timeout', 'timeout');
    await rig.clock.advance(5 * (TIMES.pollMs + 24));
    expect(since()).toEqual(['read a1=off']);
    await rig.clock.advance(TIMES.pollMs + 24);
    expect(since().at(-1)).toContain('lost: nothing comes back from the device: check its power');
    expect(board.health).toMatchObject({
      up: false,
      reason: expect.stringContaining('nothing comes back'),
      advice: expect.stringContaining('check its power'),
    });
  });

  it.each(['port_closed', 'write_failed'] as const)('%s: at once', async (code) => {
    const { rig } = await started((r) => void r.stands(1, 'off'));
    const since = sinceNow(rig);
    rig.board.turns('read', code);
    await rig.clock.advance(TIMES.pollMs + 24);
    expect(since()).toEqual([expect.stringContaining('lost: ')]);
  });

  it('the line says that its port is gone: at once, with the reason, and once', async () => {
    const { rig } = await started((r) => void r.stands(1, 'off'));
    const since = sinceNow(rig);
    rig.board.close('the cable is out');
    rig.board.close('the cable is out');
    await rig.clock.advance(TIMES.pollMs);
    expect(since()).toEqual(['lost: the cable is out']);
  });

  it('is asked less often, for others may share its line', async () => {
    const { rig } = await started((r) => void r.stands(1, 'off'));
    rig.board.always = 'timeout';
    await rig.clock.advance(5 * TIMES.pollMs);
    const { length } = rig.board.left;
    await rig.clock.advance(10 * (TIMES.lostPollMs + 24));
    expect(rig.board.left).toHaveLength(length + 10);
  });

  it('counts as known: given up as unknown (/ready)', async () => {
    const { rig, board } = await started((r) => {
      r.board.always = 'timeout';
    });
    expect(board.isKnown).toBe(false);
    await rig.clock.advance(5 * TIMES.pollMs);
    expect(board.isKnown).toBe(true);
  });

  it('answers again: it is read, and what was put off is tried at once', async () => {
    const { rig, board } = await started((r) => void r.stands(1, 'off'));
    rig.board.always = 'timeout';
    board.carrier.order(rig.order(2, false));
    await rig.clock.advance(30_000);
    rig.board.always = 'ok';
    const since = sinceNow(rig);
    await rig.clock.advance(TIMES.lostPollMs + 200);
    expect(since()).toContain('a2 off by ack');
    expect(since()).toContain('read a1=off a2=off');
    expect(board.health).toMatchObject({ up: true });
  });

  it('is reported again when an appliance came since', async () => {
    const { rig, board } = await started((r) => void r.stands(1, 'off'));
    rig.board.close();
    const since = sinceNow(rig);
    rig.stands(2, 'off');
    board.pollNow();
    await rig.clock.settle();
    expect(since()).toEqual(['lost: the cable is out']);
  });

  it('a driver that breaks is a board that does not answer', async () => {
    const { rig, board } = await started((r) => {
      r.board.always = 'broken';
    });
    await rig.clock.advance(5 * TIMES.pollMs);
    expect(board.health.up).toBe(false);
    expect(rig.troubles[0]).toBe('the driver of bus main broke');
  });
});

describe('progress for the watchdog', () => {
  it.each(['ok', 'timeout', 'broken'] as const)('every exchange that finished counts: %s', async (turn) => {
    const { rig } = await started((r) => {
      r.board.always = turn;
    });
    expect(rig.exchanges).toBe(1);
    await rig.clock.advance(TIMES.pollMs + 24);
    expect(rig.exchanges).toBe(2);
  });
});
