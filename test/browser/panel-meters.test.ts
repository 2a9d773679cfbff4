import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DSMR_P1_TWINS } from '../../relay-drivers/dsmr-p1/twin.ts';
import type { MeterReading } from '../../relay-drivers/meter.ts';
import { createBus, type SimulatedBus } from '../../relay-drivers/simulator/bus.ts';
import { servePty } from '../../relay-drivers/simulator/pty-port.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { realClock } from '../drivers/real-clock.ts';
import { type House, openHouse } from '../edges/rig.ts';
import { openBrowser } from './chromium.ts';

const PATIENTLY = { timeout: 30_000, interval: 50 };

function drawing(powerMw: number): MeterReading {
  const phases = [{ voltageMv: 230_100, currentMa: Math.round(powerMw / 230), powerMw }];
  return { powerMw, phases, energyImportMwh: 1_234_567_000, energyExportMwh: 0 };
}

let house: House;
let meterLine: SimulatedBus;
let browser: Awaited<ReturnType<typeof openBrowser>>;
let page: Page;
const closings: (() => void)[] = [];

/** A line of twins on a pseudo terminal. */
function plugIn(link: string, settings: Parameters<typeof createBus>[0]): SimulatedBus {
  const bus = createBus(settings, realClock, seededRandom(1));
  const port = servePty(bus.wire, realClock, link);
  closings.push(() => {
    for (const twin of bus.meters) twin.close();
    port.close();
  });
  return bus;
}

/** A hub with a P1 meter at the mains, and a USB board that never says how its relays stand. */
beforeAll(async () => {
  house = await openHouse({ buses: {} });
  const p1 = join(house.folder, 'p1');
  const usb = join(house.folder, 'usb');
  meterLine = plugIn(p1, {
    baud: 115_200,
    parity: 'none',
    boards: [],
    meters: [{ protocol: DSMR_P1_TWINS['dsmr-v5'] }],
  });
  meterLine.meters[0]?.measure(drawing(2_310_000));
  plugIn(usb, { baud: 9600, parity: 'none', boards: [{ channels: 4, flavour: 'lcus-silent' }] });
  const meters = [{ id: 'mains', driver: 'dsmr-p1', path: p1, measures: 'house', period_s: 1, stale_after_s: 5 }];
  const buses = [{ id: 'usb', driver: 'lcus', path: usb, channels: 4, off_without_proof: 'hold' }];
  const common = { hub: { data_dir: house.dataDir }, http: { host: '127.0.0.1', port: 0 }, log: { level: 'warn' } };
  writeFileSync(house.configFile, JSON.stringify({ ...common, buses, meters }));
  await house.start();
  await house.add('fan', 800, 'usb/1');
  browser = await openBrowser({ width: 1280, height: 900 });
  page = await browser.context.newPage();
  await page.goto(await house.hub.said(/(http:\/\/\S+#setup=\S+)/));
}, 60_000);

afterAll(async () => {
  await browser?.remove();
  await house?.remove();
  for (const close of closings) close();
});

const wordsOf = async (testid: string) => (await page.getByTestId(testid).innerText()).replaceAll(/\s+/g, ' ');

describe('a board that cannot be read back', { timeout: 60_000 }, () => {
  it('has relays whose state is assumed, and which stay counted when they are off', async () => {
    await expect.poll(() => wordsOf('appliance-fan'), PATIENTLY).toMatch(/Off, assumed 800 W counted/);
    await page.getByTestId('toggle-fan').click();
    await expect
      .poll(() => wordsOf('appliance-fan'), PATIENTLY)
      .toMatch(/On, assumed .*this board cannot be read back/);
    await page.getByTestId('toggle-fan').click();
    await expect.poll(() => wordsOf('appliance-fan'), PATIENTLY).toContain('its 800 W stay counted');
    expect(await wordsOf('load-meter')).toContain('800 W told off, but not proven: counted');
  });
});

describe('the meter of the house', { timeout: 60_000 }, () => {
  it('moves with what it measures', async () => {
    await expect.poll(() => wordsOf('meter-mains'), PATIENTLY).toContain('measures the house 2310 W import');
    meterLine.meters[0]?.measure(drawing(-850_000));
    await expect.poll(() => wordsOf('meter-mains'), PATIENTLY).toContain('850 W export');
    await expect.poll(() => wordsOf('measured-load'), PATIENTLY).toContain('850 W export');
  });

  it('that goes silent is shown as stale with its last value, and not as 0 W', async () => {
    meterLine.meters[0]?.setFaults({ mute: true });
    await expect
      .poll(() => wordsOf('meter-mains'), PATIENTLY)
      .toMatch(/850 W last value, export Stale: last value \d+ s ago/);
    await expect.poll(() => wordsOf('meter-mains'), PATIENTLY).toMatch(/Nothing was heard for 5 s: check its power/);
    expect(await wordsOf('meter-mains')).not.toMatch(/\b0 W/);
    expect(await wordsOf('measured-load')).toMatch(/Stale: last value \d+ s ago/);
  });

  it('and as fresh again with its next word', async () => {
    meterLine.meters[0]?.measure(drawing(1_200_000));
    meterLine.meters[0]?.setFaults({ mute: false });
    await expect.poll(() => wordsOf('meter-mains'), PATIENTLY).toContain('1200 W import');
    expect(await wordsOf('meter-mains')).not.toContain('Stale');
  });
});
