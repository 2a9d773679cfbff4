import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DEMO_HOME } from '../../daemon/cli/demo-home.ts';
import { adoptInPanel } from '../browser/adopting.ts';
import { openBrowser } from '../browser/chromium.ts';
import { Client } from './client.ts';
import { PlugTruth } from './mqtt-fleet.ts';
import { Program } from './program.ts';
import { type House, PATIENTLY, runningHouse, scratch } from './rig.ts';

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

/** What `npm start` runs, on ports that are free. */
async function started() {
  const free = ['--port', '0', '--mqtt-port', '0'];
  const hub = new Program(['start', '--data-dir', scratch(), '--host', '127.0.0.1', ...free]);
  onTestFinished(() => hub.kill('SIGTERM'));
  const link = await hub.said(/(http:\/\/\S+#setup=\S+)/);
  const control = new Client(await hub.said(/board's control\s+(http\S+)/), null);
  onTestFinished(() => control.close());
  return { link, plug: (name: string) => new PlugTruth(control, name) };
}

/** Appliance -> the simulated plug that it hangs on, and its channel. */
const PLUGGED = {
  kettle: ['kettle', 1],
  'panel-heater': ['panel-heater', 1],
  'floor-lamp': ['zigbee2mqtt', 1],
  'terrace-lights': ['relay-board', 1],
  'pond-pump': ['relay-board', 2],
  boiler: ['boiler', 1],
} as const;

describe('npm start', { timeout: 60_000 }, () => {
  it('has plugs that switch, and one that a person adopts in the panel', async () => {
    const { link, plug } = await started();
    const browser = await openBrowser({ width: 1280, height: 900 });
    onTestFinished(() => browser.remove());
    const page = await browser.context.newPage();
    await page.goto(link);
    const stateOf = (id: string) => page.getByTestId(`appliance-${id}`).getAttribute('data-relay-state');
    const becomes = (id: string, state: string) => expect.poll(() => stateOf(id), PATIENTLY).toBe(state);

    for (const [id, [name, channel]] of Object.entries(PLUGGED)) {
      await becomes(id, 'off');
      await page.getByTestId(`toggle-${id}`).click();
      await becomes(id, 'on');
      expect(await plug(name).closed(), id).toContain(channel);
      await page.getByTestId(`toggle-${id}`).click();
      await becomes(id, 'off');
      expect(await plug(name).closed(), id).not.toContain(channel);
    }

    const found = page.getByTestId('found-devices').getByRole('listitem');
    await vi.waitFor(async () => expect(await found.count()).toBe(1), PATIENTLY);
    const id = (await found.getAttribute('data-testid'))?.replace('found-', '') ?? '';
    expect(await plug('fan-heater').written()).toEqual([]);
    await adoptInPanel(page, id, { wattage: '1800', name: 'Fan heater' });
    await becomes('fan-heater', 'off');
    await expect.poll(() => found.count(), PATIENTLY).toBe(0);
    await page.getByTestId('toggle-fan-heater').click();
    await becomes('fan-heater', 'on');
    expect(await plug('fan-heater').written()).toEqual([true]);
    expect(await plug('fan-heater').closed()).toEqual([1]);
  });
});
