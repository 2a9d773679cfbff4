import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MeterView } from '../../dashboard/src/wire.ts';
import { openBrowser } from './chromium.ts';
import { appliance, bus, circuit, load, meter, on, reading, snapshot } from './panel-fixtures.ts';
import { Stage } from './stage.ts';

const PATIENTLY = { timeout: 20_000, interval: 20 };
const SILENT =
  'nothing comes back from unit 2 at 9600 baud, no parity: check its power, and that A and B are not swapped';
const THREE_PHASES = [
  { voltage_v: 231.4, current_a: 7.91, power_w: 1803 },
  { voltage_v: 229.8, current_a: 2.4, power_w: null },
  { voltage_v: 230.2, current_a: 1.3, power_w: -299 },
];

let stage: Stage;
let url: string;
let browser: Awaited<ReturnType<typeof openBrowser>>;
let page: Page;

beforeAll(async () => {
  stage = new Stage(snapshot(1, []));
  url = await stage.open();
  browser = await openBrowser({ width: 360, height: 800 });
  page = await browser.context.newPage();
}, 60_000);
afterAll(async () => {
  await browser?.remove();
  stage?.close();
});

function agoS(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString();
}

async function show(...of: Parameters<Stage['set']>): Promise<void> {
  stage.set(...of);
  await page.goto(url);
  await page.getByTestId('load-meter').waitFor();
}

const wordsOf = async (row: Locator) => (await row.innerText()).replaceAll(/\s+/g, ' ');
const meterWords = (id: string) => wordsOf(page.getByTestId(`meter-${id}`));
const rowWords = (id: string) => wordsOf(page.getByTestId(`appliance-${id}`));
const mainsWords = () => wordsOf(page.getByTestId('measured-load'));

describe('a meter', { timeout: 60_000 }, () => {
  it('is shown with what it measures, its phases and what it counted', async () => {
    const counted = { energy_import_wh: 12_345_678, energy_export_wh: 850 };
    await show(snapshot(1, [], load(3200), [meter('mains', 2310, { phases: THREE_PHASES, ...counted, at: agoS(1) })]));
    const words = await meterWords('mains');
    expect(words).toContain('mains measures the house 2310 W import');
    expect(words).toMatch(/L1 231\.4 V 7\.91 A 1803 W L2 229\.8 V 2\.40 A not told L3 230\.2 V 1\.30 A 299 W export/);
    expect(words).toContain('Energy: 12345.7 kWh import, 0.85 kWh export');
    expect(words).not.toMatch(/stale|last/i);
  });

  it('of the house stands beside what is reserved', async () => {
    await show(snapshot(1, [], load(3200), [meter('mains', 2310)]));
    expect(await mainsWords()).toMatch(/Reserved 3200 W .* Measured 2310 W 890 W less than reserved/);
    await stage.say(reading('mains', 3500));
    await expect.poll(mainsWords, PATIENTLY).toContain('Measured 3500 W 300 W more than reserved');
    await stage.say(reading('mains', -850));
    await expect.poll(mainsWords, PATIENTLY).toContain('Measured 850 W export more is made than drawn');
    expect(await meterWords('mains')).toContain('850 W export');
  });

  it('that falls silent is stale at once, in words and not by colour alone', async () => {
    const fresh: MeterView = meter('mains', 2310, { phases: THREE_PHASES, at: agoS(42) });
    await show(snapshot(1, [], load(3200), [fresh]));
    expect(await page.getByTestId('load-meter').getAttribute('data-measured-w')).toBe('2310');
    await stage.say({ type: 'meter', ...fresh, stale: true, fault: SILENT });
    await expect
      .poll(() => meterWords('mains'), PATIENTLY)
      .toMatch(/2310 W last value, import Stale: last value \d+ s ago/);
    const words = await meterWords('mains');
    expect(words).not.toContain('L1');
    expect(words).toContain('Nothing comes back from unit 2 at 9600 baud, no parity: check its power');
    expect(words).not.toMatch(/\b0 W/);
    expect(await mainsWords()).toMatch(/2310 W Stale: last value \d+ s ago/);
    expect(await page.getByTestId('load-meter').getAttribute('data-measured-w')).toBeNull();
    expect(await page.getByTestId('meters').getByRole('status').innerText()).toBe(
      'Stale, so their figures are old: mains',
    );
  });

  it('that never spoke has no value, which is not 0 W', async () => {
    await show(snapshot(1, [], load(0), [meter('mains', null, { stale: true, at: null })]));
    for (const words of [await meterWords('mains'), await mainsWords()]) {
      expect(words).toContain('No value Stale: nothing was heard of it yet');
    }
  });

  it('is no more than last known once the line to the hub is lost', async () => {
    const own = new Stage(snapshot(1, [], load(3200), [meter('mains', 2310, { at: agoS(20) })]));
    await page.goto(await own.open());
    await expect.poll(mainsWords, PATIENTLY).toContain('890 W less than reserved');
    own.hang();
    await expect.poll(() => meterWords('mains'), PATIENTLY).toMatch(/2310 W last value, import Last known, \d+ s ago/);
    expect(await mainsWords()).toMatch(/2310 W Last known, \d+ s ago/);
    own.close();
  });

  it('counts its age on the clock of the hub', async () => {
    await show(snapshot(1, [], load(0), [meter('mains', 100, { stale: true, at: agoS(3600) })]));
    await expect.poll(() => meterWords('mains'), PATIENTLY).toContain('last value 60 min ago');
    stage.setClock(-3_590_000);
    await expect.poll(() => meterWords('mains'), PATIENTLY).toMatch(/last value \d+ s ago/);
    stage.setClock(0);
  });

  it('of one appliance tells its power, and no more when it is stale', async () => {
    const own = { measures: 'appliance:oven' };
    await show(snapshot(1, [on('oven', 2400)], load(2400), [meter('oven-meter', 1980, own)]));
    expect(await rowWords('oven')).toContain('1980 W measured');
    expect(await meterWords('oven-meter')).toContain('measures oven');
    await stage.say(reading('oven-meter', 1980, { ...own, stale: true }));
    await expect.poll(() => rowWords('oven'), PATIENTLY).toContain('On 2400 W');
  });
});

describe('a board that cannot be read back', { timeout: 60_000 }, () => {
  it('has appliances whose state is assumed, and says so', async () => {
    const released = appliance('lamp', { verified: false });
    const held = appliance('fan', { verified: false, wattage: 800, reserved_w: 800, power_w: null });
    await show(snapshot(1, [on('tv', 150, { verified: false }), released, held, on('oven', 2400)], load(3350)));
    expect(await rowWords('tv')).toMatch(/On, assumed .* Assumed: this board cannot be read back\./);
    expect(await rowWords('lamp')).toMatch(/Off, assumed .* Assumed: this board cannot be read back\./);
    expect(await rowWords('fan')).toMatch(/800 W counted .* nothing proves that it is off, and its 800 W stay counted/);
    expect(await rowWords('oven')).not.toMatch(/assumed/i);
    expect(await page.getByTestId('toggle-tv').getAttribute('aria-label')).toContain('On, assumed');
    expect(await wordsOf(page.getByTestId('load-meter'))).toContain('800 W told off, but not proven: counted');
  });
});

describe('a board that is lost', { timeout: 60_000 }, () => {
  it('is told with its reason, what to try, and what hangs on it', async () => {
    const lost = { up: false, reason: 'its port is gone', advice: 'plug it in again', path: '/dev/ttyUSB7' };
    const pump = appliance('pump', { relay_state: 'unknown', reserved_w: 1000, relay: { bus: 'cellar', channel: 1 } });
    const view = snapshot(1, [pump, appliance('tv')], load(1000));
    await show(view, [bus('cellar', lost), bus('main'), bus('new', { up: false })]);
    const row = page.getByTestId('board-cellar');
    await row.waitFor();
    const words = await wordsOf(row);
    expect(words).toContain(
      'Board cellar modbus-coils at /dev/ttyUSB7 Its port is gone. What to try: Plug it in again.',
    );
    expect(words).toContain('On it: pump. 1000 W stay counted meanwhile.');
    expect(await page.getByTestId('boards').getByRole('listitem').count()).toBe(1);
  });
});

describe('on a phone of 360 px', { timeout: 60_000 }, () => {
  it('nothing stands out over the edge, however long the words', async () => {
    const long = 'a-very-long-name-that-somebody-gave-to-it-without-a-single-space';
    const path = `/dev/serial/by-id/usb-${'FTDI_'.repeat(12)}if00-port0`;
    const lost = { path, up: false, reason: `${SILENT} ${path}`, advice: SILENT };
    const meters = [
      meter(long, 123_456.7, { measures: `circuit:${long}`, phases: THREE_PHASES, energy_import_wh: 1e9 }),
      meter('mains', -12_345, { stale: true, fault: `${SILENT} ${path}` }),
    ];
    const held = on(long, 999_999.999, { relay_state: 'off', verified: false, relay: { bus: long, channel: 1 } });
    const of = load(999_999.999, { circuits: [circuit(long, 3000, 100)] });
    await show(snapshot(1, [held], of, meters), [bus(long, lost)]);
    await page.getByTestId(`board-${long}`).waitFor();
    const width = 'Math.max(...[...document.querySelectorAll("#app *")].map((e) => e.getBoundingClientRect().right))';
    expect(await page.evaluate(width)).toBeLessThanOrEqual(360);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });
});
