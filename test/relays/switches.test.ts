import { describe, expect, it } from 'vitest';
import { Board } from '../../daemon/relays/board.ts';
import { TIMES } from '../../daemon/relays/limits.ts';
import type { SwitchBinding } from '../../daemon/relays/port.ts';
import { Rig } from './rig.ts';

const SWITCHES = new Map<number, SwitchBinding>([
  [1, { appliance: 'lamp', mode: 'toggle' }],
  [2, { appliance: 'fan', mode: 'follow' }],
]);

async function watching(
  prepare: (rig: Rig) => void = () => undefined,
  switches = SWITCHES,
): Promise<{ rig: Rig; board: Board }> {
  const rig = new Rig({ switches });
  prepare(rig);
  const board = new Board(rig.parts);
  board.start();
  await rig.clock.advance(200);
  return { rig, board };
}

/** Sets the level and lets two polls pass. */
async function press(rig: Rig, input: number, isClosed: boolean): Promise<string[]> {
  rig.told.length = 0;
  rig.board.levels[input - 1] = isClosed;
  await rig.clock.advance(2 * (TIMES.inputPollMs + 24));
  return [...rig.told];
}

describe("an edge is a request like anybody's", () => {
  const ROWS: readonly [what: string, input: number, isClosed: boolean, told: readonly string[]][] = [
    ['toggle, pressed', 1, true, ['input:main/1 wants lamp flip']],
    ['follow, closed', 2, true, ['input:main/2 wants fan on']],
    ['an input that nobody has', 3, true, []],
  ];

  it.each(ROWS)('%s', async (_, input, isClosed, told) => {
    const { rig } = await watching();
    expect(await press(rig, input, isClosed)).toEqual(told);
  });

  it('toggle flips on the press, not on the release', async () => {
    const { rig } = await watching();
    await press(rig, 1, true);
    expect(await press(rig, 1, false)).toEqual([]);
    expect(await press(rig, 1, true)).toEqual(['input:main/1 wants lamp flip']);
  });

  it('follow goes both ways', async () => {
    const { rig } = await watching();
    await press(rig, 2, true);
    expect(await press(rig, 2, false)).toEqual(['input:main/2 wants fan off']);
  });

  it('a level that stays is no edge', async () => {
    const { rig } = await watching();
    await press(rig, 1, true);
    expect(await press(rig, 1, true)).toEqual([]);
  });

  it('carries who: the wall switch, as an operator', async () => {
    const { rig } = await watching();
    await press(rig, 1, true);
    const who = { principal: 'input:main/1', name: 'wall switch 1 on main', role: 'operator', source: 'wall_switch' };
    expect(rig.inputs.at(-1)).toEqual({ kind: 'toggle', appliance: 'lamp', want: 'flip', who });
  });
});

describe('the first reading after a start is the baseline, never an edge (design.md 6)', () => {
  it('closed at the start', async () => {
    const { rig } = await watching(({ board }) => board.levels.fill(true));
    expect(rig.told).toEqual([]);
    expect(await press(rig, 2, false)).toEqual(['input:main/2 wants fan off']);
  });

  it('changed while the board was away', async () => {
    const { rig } = await watching();
    rig.board.close();
    rig.board.levels.fill(true);
    await rig.clock.advance(5000);
    rig.board.open();
    await rig.clock.advance(500);
    expect(rig.told.filter((text) => text.includes('wants'))).toEqual([]);
    expect(await press(rig, 2, false)).toEqual(['input:main/2 wants fan off']);
  });
});

describe('a spoiled reading is no edge', () => {
  it.each(['timeout', 'exception', 'broken'] as const)('%s', async (turn) => {
    const { rig } = await watching();
    rig.board.turns('inputs', turn, turn, turn);
    await rig.clock.advance(1000);
    expect(rig.told.filter((text) => text.includes('wants'))).toEqual([]);
    expect(await press(rig, 1, true)).toEqual(['input:main/1 wants lamp flip']);
  });
});

describe('inputs are asked', () => {
  it('ten times a second: a press of 200 ms is seen', async () => {
    const { rig } = await watching();
    rig.board.left.length = 0;
    await rig.clock.advance(1240);
    const asked = rig.board.left.filter((text) => text === 'inputs').length;
    expect(asked).toBeGreaterThanOrEqual(8);
    expect(asked).toBeLessThanOrEqual(11);
  });

  it('only where somebody is bound to one', async () => {
    const { rig } = await watching(() => undefined, new Map());
    expect(rig.board.left).toEqual(['read']);
  });

  it('not while the board is lost, and never by two at once after it came back', async () => {
    const { rig } = await watching();
    for (let i = 0; i < 5; i++) {
      rig.board.close();
      await rig.clock.advance(30);
      rig.board.open();
      await rig.clock.advance(300);
    }
    rig.board.left.length = 0;
    await rig.clock.advance(1240);
    expect(rig.board.left.filter((text) => text === 'inputs').length).toBeLessThanOrEqual(11);
    rig.board.close();
    await rig.clock.advance(200);
    rig.board.left.length = 0;
    await rig.clock.advance(2000);
    expect(rig.board.left).toEqual([]);
  });

  it.each([
    ['between two exchanges', 60],
    ['during one', 10],
  ])('not after close, %s', async (_, afterMs) => {
    const { rig, board } = await watching();
    rig.board.left.length = 0;
    await rig.clock.until(() => rig.board.left.at(-1) === 'inputs');
    await rig.clock.advance(afterMs);
    board.close();
    rig.board.left.length = 0;
    await rig.clock.advance(5000);
    expect([rig.board.left, rig.clock.pending]).toEqual([[], 0]);
  });
});
