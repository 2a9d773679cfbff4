import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildApp } from '../../daemon/http/app.ts';
import { HTTP_LIMITS } from '../../daemon/http/limits.ts';
import { realClock } from '../drivers/real-clock.ts';
import { keptHistory } from '../http/histories.ts';
import { addLoad, openServer, TOKENS } from '../http/rig.ts';
import { openBrowser } from './chromium.ts';
import { plausiblePower } from './plausible-power.ts';

const TICK_MS = 1000;
const PATIENTLY = { timeout: 20_000, interval: 50 };
const DAY_MS = 86_400_000;
/** Of the hub, whatever the clock of the browser says. */
const THURSDAY = Date.UTC(2026, 5, 11, 15);
const PANEL = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));

let browser: Awaited<ReturnType<typeof openBrowser>>;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser({ width: 390, height: 844 });
}, 60_000);
afterAll(() => browser?.remove());

/** A hub that remembers two days, with the panel of a viewer. */
async function openPanel() {
  const history = await keptHistory([...plausiblePower(THURSDAY - 2 * DAY_MS, THURSDAY)]);
  const house = await openServer({ history, panelDir: PANEL, wallMs: THURSDAY });
  const app = await buildApp(house.parts);
  onTestFinished(() => app.close());
  await addLoad(app, 'oven', 2400, { name: 'Oven' });
  page = await browser.context.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(house.server.url);
  await page.getByLabel('Access token').fill(TOKENS.viewer);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByTestId('load-meter').waitFor();
  await house.clock.advance(HTTP_LIMITS.livePingMs); // from now on the panel knows what time it is
  onTestFinished(ticking(() => house.clock.advance(TICK_MS)));
  return { ...house, asked };
}

/** The clock of the hub goes on: a feed that says nothing counts as lost. */
function ticking(tick: () => Promise<void>): () => void {
  let cancel = () => {};
  let isOver = false;
  const again = () => {
    cancel = realClock.after(TICK_MS, () => void tick().then(() => isOver || again()));
  };
  again();
  return () => {
    isOver = true;
    cancel();
  };
}

const words = async (testid: string) => (await page.getByTestId(testid).innerText()).replaceAll(/\s+/g, ' ');

/** How many pixels of the plot are not see-through. */
const painted = async () => Number(await page.evaluate(COUNT_PAINTED));
const COUNT_PAINTED = `(() => {
  const canvas = document.querySelector('[data-testid="power-chart"] canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, i) => i % 4 === 3 && value > 0).length;
})()`;

describe('the history in the panel', { timeout: 90_000 }, () => {
  it('is looked at from an hour to a year, by hand, by key, and as a file', async () => {
    const { asked } = await openPanel();
    await expect.poll(() => words('energy'), PATIENTLY).toMatch(/Today [\d.]+ kWh Yesterday [\d.]+ kWh/);
    expect(asked.some((url) => url.includes('HistoryPage'))).toBe(false);
    await page.getByTestId('open-history').click();
    await expect.poll(() => words('history-title'), PATIENTLY).toBe('Today');
    await page.getByTestId('power-chart').waitFor();

    await page.getByTestId('history-back').click();
    await expect.poll(() => words('history-title'), PATIENTLY).toBe('Yesterday');
    await expect.poll(() => words('history-summary'), PATIENTLY).toMatch(/^1\d\.\d kWh, on average/);
    expect(await painted()).toBeGreaterThan(1000);

    const plot = await page.getByTestId('power-chart').locator('.u-over').boundingBox();
    const [left, middle] = [plot?.x ?? 0, (plot?.y ?? 0) + 100];
    await page.mouse.move(left + 40, middle);
    await expect.poll(() => words('history-readout'), PATIENTLY).toMatch(/\d\d:\d\d: [\d.]+ k?W/);
    await page.mouse.down();
    await page.mouse.move(left + 120, middle, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => words('history-title'), PATIENTLY).toMatch(/20\d\d, \d\d:\d\d to \d\d:\d\d$/);

    await page.getByTestId('history-week').click();
    await expect.poll(() => words('history-summary'), PATIENTLY).toMatch(/[\d.]+ kWh, on average [\d.]+ k?W, at most/);
    await page.getByTestId('history-subject').selectOption('all');
    await expect.poll(() => words('history-uses'), PATIENTLY).toMatch(/The house .*Oven.*Everything else/);
    await page.getByRole('button', { name: 'Oven' }).click();
    await expect.poll(() => page.getByTestId('history-subject').inputValue()).toBe('appliance:oven');
    await page.getByTestId('history-subject').selectOption('house');

    await page.getByTestId('history-hour').click();
    await page.getByRole('group', { name: /^Chart/ }).press('-');
    await expect.poll(() => page.getByTestId('history-hour').getAttribute('aria-pressed')).toBe('false');
    await page.getByTestId('history-year').click();
    await expect.poll(() => words('history-title')).toBe('2026');
    await page.getByTestId('history-table').locator('summary').click();
    await expect.poll(() => words('history-table'), PATIENTLY).toMatch(/From Energy Not heard June 2026 [\d.]+ kWh/);

    await page.getByTestId('history-week').click();
    const downloading = page.waitForEvent('download');
    await page.getByTestId('history-csv').click();
    const text = await readFile(await (await downloading).path(), 'utf8');
    expect(text).toMatch(/^source,name,start_utc,start_local \(Europe\/Rome\),span_s,avg_w,[^\r]*\r\nhouse,Home,20/);
    expect(text.split('\r\n').length).toBe(1 + 2 * 1440 + 1);
    await page.getByTestId('leave-history').click();
    await page.getByTestId('load-meter').waitFor();
  });
});
