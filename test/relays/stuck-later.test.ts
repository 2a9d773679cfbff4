import { expect, it } from 'vitest';
import { carrying } from './carrying.ts';

it('an OFF that was seen not to be obeyed is believed only when it reads off, whatever is acknowledged later', async () => {
  const { rig, carrier } = carrying();
  rig.board.coils[0] = true;
  rig.board.turns('write', 'timeout', 'timeout', 'timeout', 'deaf', 'deaf', 'deaf');
  carrier.order(rig.order(1, false));
  await rig.clock.advance(500);
  expect(rig.told).toEqual(['a1 failed, on']);
  await rig.clock.advance(60_000);
  expect(rig.told.at(-1)).toBe('a1 off by read');
});
