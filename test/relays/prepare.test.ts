import { describe, expect, it } from 'vitest';
import { Board } from '../../daemon/relays/board.ts';
import { TIMES } from '../../daemon/relays/limits.ts';
import { Rig } from './rig.ts';

const POLL_MS = TIMES.pollMs + 24;

/** A board that forgets its settings with its power, found and prepared. */
async function found(script: (rig: Rig) => void = () => undefined): Promise<{ rig: Rig; board: Board }> {
  const rig = new Rig({ needsPreparing: true });
  script(rig);
  const board = new Board(rig.parts);
  board.start();
  await rig.clock.advance(100);
  return { rig, board };
}

function preparations(rig: Rig): number {
  return rig.board.left.filter((what) => what === 'prepare').length;
}

function replug({ board }: Rig): void {
  board.close();
  board.open();
}

describe('a board that forgets its settings with its power', () => {
  it('is prepared once it was read, not before, and after its readings were told', async () => {
    const { rig } = await found((r) => void r.stands(1, 'off'));
    expect([rig.board.left, rig.board.priorities]).toEqual([
      ['read', 'prepare'],
      ['read', 'read'],
    ]);
    expect(rig.told).toEqual(['read a1=off']);
  });

  it('is left alone while nothing points to an outage', async () => {
    const { rig } = await found((r) => void r.stands(1, 'off'));
    await rig.clock.advance(10 * POLL_MS);
    expect(preparations(rig)).toBe(1);
  });

  it.each([
    ['its port was gone', replug],
    ['it missed a poll', (rig: Rig) => rig.board.turns('read', 'timeout')],
    ['a relay fell off by itself', (rig: Rig) => rig.board.coils.fill(false)],
  ])('is prepared again where %s', async (_, happens) => {
    const { rig } = await found((r) => {
      r.stands(1, 'on');
      r.board.coils[0] = true;
    });
    happens(rig);
    await rig.clock.advance(3 * POLL_MS);
    expect(preparations(rig)).toBeGreaterThan(1);
  });

  it('is looked at now and then all the same', async () => {
    const { rig } = await found();
    await rig.clock.advance(TIMES.prepareMs + 2 * POLL_MS);
    expect(preparations(rig)).toBe(2);
  });

  it('is not prepared while it does not answer', async () => {
    const { rig } = await found((r) => r.board.turns('read', ...new Array<'timeout'>(20).fill('timeout')));
    await rig.clock.advance(5 * POLL_MS);
    expect(preparations(rig)).toBe(0);
  });

  it.each(['timeout', 'broken'] as const)('where that fails (%s), the next poll tries again', async (turn) => {
    const { rig, board } = await found((r) => r.board.turns('prepare', turn));
    await rig.clock.advance(5 * POLL_MS);
    expect(preparations(rig)).toBe(2);
    expect(board.health.up).toBe(true);
  });

  it('where the board refuses, it is said once and not tried again', async () => {
    const { rig, board } = await found((r) => r.board.turns('prepare', 'exception'));
    await rig.clock.advance(2 * TIMES.prepareMs);
    expect(rig.troubles).toEqual(['the board of bus main does not take its settings']);
    expect([preparations(rig), board.health.up]).toEqual([1, true]);
  });

  it('a refusal is forgotten with the port: it may be another board', async () => {
    const { rig } = await found((r) => r.board.turns('prepare', 'exception'));
    replug(rig);
    await rig.clock.advance(2 * POLL_MS);
    expect(preparations(rig)).toBe(2);
  });

  it('nothing leaves for it once the hub closes', async () => {
    const rig = new Rig({ needsPreparing: true });
    const board = new Board(rig.parts);
    board.start();
    await rig.clock.advance(10);
    board.close();
    await rig.clock.advance(1000);
    expect(rig.board.left).toEqual(['read']);
  });
});
