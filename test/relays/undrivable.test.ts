import { expect, it } from 'vitest';
import { Board } from '../../daemon/relays/board.ts';
import { undrivable } from '../../daemon/undrivable.ts';
import { Rig } from './rig.ts';

it('what another version adopted is lost at once, says what to do, and takes no order', async () => {
  const rig = new Rig();
  const device = { id: 'main', channels: 2, isSimulated: false, driver: 'tasmota', settings: { topic: 7 } };
  const board = new Board({ ...rig.parts, ...undrivable(device) });
  rig.stands(1, 'on');
  board.start();
  await rig.clock.advance(100);
  expect(rig.told).toEqual([expect.stringMatching(/^lost: .*cannot drive/)]);
  expect(board.isKnown).toBe(true);
  board.carrier.order(rig.order(1, false));
  await rig.clock.advance(60_000);
  expect(rig.told).toContain('a1 failed, unknown');
  expect(rig.told).not.toContain('a1 off by ack');
  expect(board.health).toMatchObject({
    driver: 'tasmota',
    up: false,
    advice: expect.stringContaining('adopt it again'),
  });
});
