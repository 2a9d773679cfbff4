import { describe, expect, it } from 'vitest';
import { DEMO_HOME } from '../../daemon/cli/demo-home.ts';
import { type House, PATIENTLY, runningHouse } from './rig.ts';

/** Fit together under 5000 W: 4725 W, of which 175 W hang on no relay. */
const ON = ['tv', 'microwave', 'coffee-maker', 'dishwasher', 'toaster', 'fridge', 'router', 'desk-lamp'];
const CHANNELS = [1, 2, 3, 4, 6];
const RESERVED_W = 4725;

/** The home of `npm start`, on a board that lives on when the hub dies, as a real one does. */
async function demoHome(): Promise<House> {
  const house = await runningHouse();
  for (const { id, ratedMw, relay, priority, isProtected } of DEMO_HOME)
    await house.add(id, ratedMw / 1000, relay?.channel, { priority, protected: isProtected });
  for (const id of ON) expect((await house.api.toggle(id, true)).status, id).toBe(200);
  return house;
}

describe('a restart of the demo home', { timeout: 60_000 }, () => {
  it('sheds nothing that fits: no coil moves, though every relay is unknown at first', async () => {
    const house = await demoHome();
    const moves = await house.board.log();
    for (const crash of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
      const { length: before } = await house.api.decisions();
      await house.hub.kill(crash);
      const api = await house.start();
      await expect.poll(() => api.load(), PATIENTLY).toMatchObject({ reserved_w: RESERVED_W, status: 'near_limit' });
      const since = (await api.decisions()).slice(before);
      expect(since.filter(({ kind }) => kind === 'ordered')).toEqual([]);
      const on = (await api.appliances()).filter(({ is_on, relay_state }) => is_on && relay_state === 'on');
      expect(on.map(({ id }) => id).sort()).toEqual([...ON].sort());
    }
    expect(await house.board.closed()).toEqual(CHANNELS);
    expect(await house.board.log()).toEqual(moves);
  });

  it('under a limit that was lowered meanwhile, the lowest priorities go, and only as many as must', async () => {
    const house = await demoHome();
    await house.hub.kill();
    house.configure({ limits: { limit_w: 3000 } });
    const api = await house.start();
    // 1725 W are too much: the dishwasher (1800 W, priority 20) goes, and that is enough.
    await expect.poll(() => api.load(), PATIENTLY).toMatchObject({ reserved_w: RESERVED_W - 1800, limit_w: 3000 });
    expect(await house.board.closed()).toEqual(CHANNELS.filter((channel) => channel !== 4));
    const shed = (await api.decisions()).filter(({ reason }) => reason === 'shed');
    expect(shed).toMatchObject([{ appliance: 'dishwasher', circuit: 'house', limit_w: 3000 }]);
  });
});
