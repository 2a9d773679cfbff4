import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { BrokerView } from '../../dashboard/src/wire.ts';
import type { FoundPlug } from '../../relay-drivers/plugs/protocol.ts';
import { realClock } from '../drivers/real-clock.ts';
import { FoundPlugs, nothingAnswers, plug } from '../http/found-plugs.ts';
import { openServer, TOKENS } from '../http/rig.ts';
import { adoptInPanel, foundWords } from './adopting.ts';
import { openBrowser } from './chromium.ts';
import { bus, circuit, found, load, on, snapshot } from './panel-fixtures.ts';
import { Stage } from './stage.ts';

const PATIENTLY = { timeout: 20_000, interval: 20 };
const STRIP = plug('strip', { name: 'Strip', channels: [{ name: 'Screen' }, { name: null }], measuresPower: false });

let browser: Awaited<ReturnType<typeof openBrowser>>;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser({ width: 390, height: 844 });
}, 60_000);
afterAll(() => browser?.remove());

/** A fresh page: nobody is signed in. */
async function freshPage(): Promise<void> {
  await page?.close();
  await browser.context.clearCookies();
  page = await browser.context.newPage();
}

/** A whole hub that found these, with the built panel; its clock goes as fast as ours. */
async function openHub(role: keyof typeof TOKENS, ...plugs: FoundPlug[]) {
  const finds = new FoundPlugs(...plugs);
  const house = await openServer({ finds, panelDir: fileURLToPath(new URL('../../dashboard/dist', import.meta.url)) });
  nothingAnswers(house);
  onTestFinished(ticking(() => house.clock.advance(200)));
  await freshPage();
  await page.goto(house.server.url);
  await page.getByLabel('Access token').fill(TOKENS[role]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByTestId('load-meter').waitFor();
  return { ...house, finds };
}

function ticking(tick: () => Promise<void>): () => void {
  let cancel = () => {};
  let isOver = false;
  const again = () => {
    cancel = realClock.after(200, () => void tick().then(() => isOver || again()));
  };
  again();
  return () => {
    isOver = true;
    cancel();
  };
}

const card = () => page.getByTestId('found-devices');
const words = async (testid: string) => (await page.getByTestId(testid).innerText()).replaceAll(/\s+/g, ' ');

describe('the found devices of a hub', { timeout: 60_000 }, () => {
  it('are shown as they come and go, and not at all while there are none', async () => {
    const { finds } = await openHub('admin');
    expect(await card().count()).toBe(0);
    finds.become(plug('desk-twin'), STRIP);
    await expect.poll(() => card().getByRole('listitem').count(), PATIENTLY).toBe(2);
    expect(await foundWords(page, 'desk-twin')).toMatch(
      /Desk Tasmota, Plug S .*One relay\. Measures power\..*Simulated/,
    );
    expect(await foundWords(page, 'strip')).toMatch(/2 relays\. Does not measure power\. strip$/);
    finds.become();
    await expect.poll(() => card().count(), PATIENTLY).toBe(0);
  });

  it('become appliances by the hand of an admin', async () => {
    const { hub } = await openHub('admin', plug('desk'), STRIP);
    await adoptInPanel(page, 'strip', { channel: 2, name: 'Fan', wattage: '59.5', room: 'Attic', circuit: 'kitchen' });
    await expect.poll(() => words('found-news'), PATIENTLY).toContain('Fan is an appliance now.');
    await page.getByTestId('appliance-fan').waitFor();
    expect(hub.appliance('fan')).toMatchObject({
      room: 'Attic',
      wattage: 59.5,
      circuit: 'kitchen',
      relay: { bus: 'strip', channel: 2 },
    });
    await expect.poll(() => foundWords(page, 'strip'), PATIENTLY).toContain('2 relays, 1 of them in use');
    await adoptInPanel(page, 'desk', { wattage: '40' });
    await page.getByTestId('appliance-desk').waitFor();
    await expect.poll(() => page.getByTestId('found-desk').count(), PATIENTLY).toBe(0);
    expect(await words('decisions')).toContain('the admin (panel) took a found device in');
  });

  it('say at the field what is wrong, and keep what was typed', async () => {
    const { hub } = await openHub('admin', plug('desk'));
    await adoptInPanel(page, 'desk', { wattage: '', name: 'Lamp' });
    expect(await words('adopt-desk-wattage-error')).toMatch(/how many watts/);
    await adoptInPanel(page, 'desk', { wattage: '1,5' });
    await expect.poll(() => words('adopt-desk-wattage-error'), PATIENTLY).toMatch(/like 1500 or 59\.5/);
    const watts = page.locator('[name=wattage]');
    expect(await watts.getAttribute('aria-invalid')).toBe('true');
    expect(await watts.evaluate('document.activeElement.name')).toBe('wattage');
    expect(hub.appliances()).toEqual([]);
    await adoptInPanel(page, 'desk', { wattage: '1.5' });
    await page.getByTestId('appliance-lamp').waitFor();
  });

  it('that are taken or gone while somebody types say so', async () => {
    const { finds, hub } = await openHub('admin', plug('desk'));
    await page.getByTestId('adopt-desk').click();
    finds.become();
    await expect.poll(() => words('found-news'), PATIENTLY).toContain('Desk is not found any more.');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await card().count()).toBe(0);
    expect(hub.appliances()).toEqual([]);
  });

  it.each(['viewer', 'operator'] as const)('are an admin’s to add, not a %s’s', async (role) => {
    await openHub(role, plug('desk'));
    expect(await words('found-devices')).toContain('which an administrator can do');
    expect(await card().getByRole('button').count()).toBe(0);
  });
});

describe('what a hub seldom says', { timeout: 60_000 }, () => {
  async function show(stage: Stage) {
    await freshPage();
    await page.goto(await stage.open());
    onTestFinished(() => stage.close());
    await page.getByTestId('load-meter').waitFor();
  }
  const PLUG = { kind: 'plug', driver: 'tasmota', path: null, up: false, reason: 'it is offline' } as const;
  const DOWN: BrokerView = {
    mode: 'external',
    url: 'mqtts://broker.lan:8883',
    up: false,
    reason: 'nothing listens there',
    advice: 'start the broker',
    clients: null,
  };

  it('a plug that is lost is no board', async () => {
    const stage = new Stage(snapshot(1, []));
    stage.set(snapshot(1, []), [bus('desk', { ...PLUG, advice: 'plug it in' })]);
    await show(stage);
    await expect
      .poll(() => words('boards'), PATIENTLY)
      .toMatch(/^A plug does not answer Plug desk Tasmota It is offline/);
    expect(await words('boards')).not.toMatch(/board|wiring/i);
  });

  it('without its broker no plug is to blame', async () => {
    const view = snapshot(1, [on('lamp', 60, { relay: { bus: 'desk', channel: 1 } })], load(60));
    const stage = new Stage(view);
    stage.set(view, [bus('desk', PLUG), bus('main')]);
    stage.setBroker(DOWN);
    await show(stage);
    await page.getByTestId('board-mqtt-broker').waitFor();
    expect(await words('board-mqtt-broker')).toBe(
      'MQTT broker mqtts://broker.lan:8883 Nothing listens there. What to try: Start the broker. On it: lamp. 60 W stay counted meanwhile.',
    );
    expect(await page.getByTestId('boards').getByRole('listitem').count()).toBe(1);
  });

  it('a refusal that belongs to no field stands in the form', async () => {
    const stage = new Stage(snapshot(1, [], load(0), [], [found('desk')]));
    const detail = 'Channel desk/1 belongs to the appliance "lamp" already.';
    stage.refuse('/api/discovered/desk/adopt', { status: 409, code: 'conflict', detail });
    stage.setRole('admin');
    await show(stage);
    await adoptInPanel(page, 'desk', { wattage: ' 60 W ', room: ' ' });
    await expect.poll(() => words('adopt-error'), PATIENTLY).toBe(detail);
    const body = { channel: 1, name: 'desk', wattage: '60', room: null, circuit: 'house' };
    expect(stage.asked).toEqual([{ path: '/api/discovered/desk/adopt', body }]);
  });

  it('nothing stands out over the edge of a phone, however long the words', async () => {
    const long = 'a-very-long-name-that-somebody-gave-to-it-without-a-single-space-'.padEnd(90, 'x');
    const channels = [1, 2].map((channel) => ({ channel, name: long, appliance: null }));
    const device = found(long.slice(0, 64), { name: long, model: long, driver: long, channels, simulated: true });
    const view = snapshot(1, [], load(0, { circuits: [circuit(long, 3000, 0)] }), [], [device]);
    const stage = new Stage(view);
    stage.setRole('admin');
    const detail = `${long}${long}`;
    stage.refuse(`/api/discovered/${device.id}/adopt`, { status: 409, code: 'conflict', detail });
    stage.setBroker({ ...DOWN, url: `mqtts://${long}`, reason: long, advice: long });
    await show(stage);
    await page.getByTestId('board-mqtt-broker').waitFor();
    await adoptInPanel(page, device.id, { wattage: '60' });
    await page.getByTestId('adopt-error').waitFor();
    const width = 'Math.max(...[...document.querySelectorAll("#app *")].map((e) => e.getBoundingClientRect().right))';
    expect(await page.evaluate(width)).toBeLessThanOrEqual(390);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});
