import { expect, it } from 'vitest';
import { Board } from '../../daemon/relays/board.ts';
import { TIMES } from '../../daemon/relays/limits.ts';
import { Rig } from './rig.ts';

const EXCHANGE_MS = 24;

async function up(): Promise<{ rig: Rig; board: Board; health: (string | null)[] }> {
  const rig = new Rig();
  const health: (string | null)[] = [];
  rig.stands(1, 'on');
  rig.board.coils[0] = true;
  const board = new Board({ ...rig.parts, onHealth: (lostBecause) => health.push(lostBecause) });
  board.start();
  await rig.clock.advance(100);
  return { rig, board, health };
}

it('an OFF that was only acknowledged is read at once: a relay that hangs is seen within an exchange', async () => {
  const { rig, board } = await up();
  rig.board.turns('write', 'deaf');
  board.carrier.order(rig.order(1, false));
  await rig.clock.advance(2 * EXCHANGE_MS + 1);
  expect(rig.told.slice(-2)).toEqual(['a1 off by ack', 'read a1=on']);
});

it('an ON is not: it counts already', async () => {
  const { rig, board } = await up();
  const reads = rig.board.left.filter((name) => name === 'read').length;
  board.carrier.order(rig.order(2, true));
  await rig.clock.advance(4 * EXCHANGE_MS);
  expect(rig.board.left.filter((name) => name === 'read')).toHaveLength(reads);
});

it('a board that obeys orders is not lost because its polls are spoiled', async () => {
  const { rig, board, health } = await up();
  for (let i = 0; i < 4 * TIMES.pollsUntilLost; i++) {
    rig.board.turns('read', 'timeout');
    board.carrier.order(rig.order(2, true));
    await rig.clock.advance(TIMES.pollMs + EXCHANGE_MS);
  }
  expect([board.health.up, health]).toEqual([true, [null]]);
});

it('who keeps the log hears once that it is lost, and once that it is back', async () => {
  const { rig, health } = await up();
  rig.board.close('the cable is out');
  await rig.clock.advance(10_000);
  rig.board.open();
  await rig.clock.advance(100);
  expect(health).toEqual([null, expect.stringContaining('the cable is out'), null]);
});
