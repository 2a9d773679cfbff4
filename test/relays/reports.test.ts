import { describe, expect, it } from 'vitest';
import { Board } from '../../daemon/relays/board.ts';
import { Rig } from './rig.ts';
import { PACE } from './scripted-board.ts';

async function up(): Promise<{ rig: Rig; board: Board }> {
  const rig = new Rig({ reports: true });
  rig.stands(1, 'off');
  rig.stands(2, 'off');
  const board = new Board(rig.parts);
  board.start();
  await rig.clock.advance(100);
  rig.told.splice(0);
  rig.board.left.splice(0);
  return { rig, board };
}

describe('a device that tells by itself', () => {
  it('its own button is told at once, for its channel alone', async () => {
    const { rig } = await up();
    rig.board.press(2, true);
    expect(rig.told).toEqual(['read a2=on']);
    expect(rig.inputs.at(-1)).toMatchObject({ kind: 'readings', bus: 'main', channel: 2 });
    expect(rig.board.left).toEqual([]);
  });

  it('what is as ordered, or hangs on nothing, is no news', async () => {
    const { rig } = await up();
    rig.board.press(1, false);
    rig.board.press(5, true);
    expect(rig.told).toEqual([]);
  });

  it('while an order is under way its own exchange hears the answer', async () => {
    const { rig, board } = await up();
    board.carrier.order(rig.order(1, true));
    rig.board.press(1, false);
    expect(rig.told).toEqual([]);
    await rig.clock.advance(100);
    expect(rig.told).toEqual(['a1 on by ack']);
  });

  it('an order that a reading settled waits for no answer: what is told then is news', async () => {
    const { rig, board } = await up();
    board.carrier.order(rig.order(1, false));
    await rig.clock.advance(1);
    expect(rig.board.left).toEqual(['off 1']);
    rig.settled(1);
    rig.board.press(1, true);
    expect(rig.told).toEqual(['read a1=on']);
  });

  it('it is asked seldom, and soon again when it did not answer', async () => {
    const { rig, board } = await up();
    await rig.clock.advance(PACE.pollMs - 1000);
    expect(rig.board.left).toEqual([]);
    rig.board.turns('read', 'timeout', 'timeout', 'timeout');
    await rig.clock.advance(2000);
    expect(rig.board.left).toEqual(['read']);
    await rig.clock.advance(2 * PACE.lostPollMs + 1000);
    expect(rig.board.left).toEqual(['read', 'read', 'read']);
    expect(board.health.up).toBe(false);
  });

  it('never heard since the start, it is asked again soon: others wait until it was read or given up', async () => {
    const rig = new Rig({ reports: true });
    rig.board.turns('read', 'timeout', 'timeout', 'timeout');
    const board = new Board(rig.parts);
    board.start();
    await rig.clock.advance(PACE.lostPollMs);
    expect(rig.board.left).toEqual(['read', 'read', 'read']);
    expect(board.isKnown).toBe(true);
  });

  it('lost, it is asked for everything as soon as it says a word', async () => {
    const { rig, board } = await up();
    rig.board.close('offline');
    await rig.clock.advance(50);
    rig.board.turns('read', 'timeout');
    rig.board.open();
    await rig.clock.advance(50);
    expect(board.health.up).toBe(false);
    rig.board.press(1, true);
    await rig.clock.advance(50);
    expect([board.health.up, rig.told.at(-1)]).toEqual([true, 'read a1=on a2=off']);
  });

  it('an ON that is given up is called back; an OFF never', async () => {
    const { rig, board } = await up();
    rig.board.always = 'timeout';
    board.carrier.order(rig.order(1, true));
    board.carrier.order(rig.order(2, false));
    await rig.clock.advance(2000);
    expect([...new Set(rig.told)]).toEqual(['a1 failed, unknown', 'a2 failed, unknown']);
    expect(rig.board.abandoned).toEqual([1]);
  });

  it('closed, it hears nothing', async () => {
    const { rig, board } = await up();
    board.close();
    rig.board.press(1, true);
    expect(rig.told).toEqual([]);
  });
});

it('lost, its driver says what to do: there is no wire to be diagnosed', async () => {
  const { rig, board } = await up();
  rig.board.close('its last will says so');
  expect(board.health).toMatchObject({ up: false, reason: 'its last will says so' });
  await rig.clock.advance(100);
  expect(board.health).toMatchObject({ up: false, reason: 'no port', advice: expect.stringContaining('check') });
});
