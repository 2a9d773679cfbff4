import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_HOME } from '../../daemon/cli/demo-home.ts';
import { type House, openHouse } from '../edges/rig.ts';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
  '--disable-component-update',
];
const PATIENTLY = { timeout: 20_000, interval: 20 };

let house: House;
let context: BrowserContext;
let page: Page;
const profile = mkdtempSync(join(tmpdir(), 'voltsafe-chromium-'));

beforeAll(async () => {
  house = await openHouse();
  await house.start();
  for (const { id, name, room, icon, ratedMw, relay } of DEMO_HOME)
    await house.add(id, ratedMw / 1000, relay?.channel, { name, room, icon });
  context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['VOLTSAFE_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ARGS,
    viewport: { width: 1280, height: 800 },
  });
  page = await context.newPage();
  await page.goto(await house.hub.said(/(http:\/\/\S+#setup=\S+)/));
}, 60_000);

afterAll(async () => {
  await context?.close();
  await house?.remove();
  rmSync(profile, { recursive: true, force: true });
});

function reserved(): Promise<string | null> {
  return page.getByTestId('load-meter').getAttribute('data-reserved-w');
}

function relayState(id: string): Promise<string | null> {
  return page.getByTestId(`appliance-${id}`).getAttribute('data-relay-state');
}

describe('the panel of a running hub', { timeout: 60_000 }, () => {
  it('opens by the one-time link, which leaves no secret in the address bar', async () => {
    await expect.poll(() => page.getByTestId('connection').getAttribute('data-state'), PATIENTLY).toBe('live');
    expect(page.url()).not.toContain('setup');
    expect(await reserved()).toBe('0');
  });

  it('toggles, and the meter moves with the answer', async () => {
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/appliances/oven/toggle'));
    await page.getByTestId('toggle-oven').click();
    expect((await answered).status()).toBe(200);
    const startMs = performance.now();
    await expect.poll(reserved, { timeout: 20_000, interval: 5 }).toBe('2400');
    console.log(`panel: the meter moved ${Math.round(performance.now() - startMs)} ms after the answer`);
    expect(await relayState('oven')).toBe('on');
  });

  it('shows what another client changes', async () => {
    expect((await house.api.toggle('dishwasher', true)).status).toBe(200);
    await expect.poll(reserved, PATIENTLY).toBe('4200');
    expect(await relayState('dishwasher')).toBe('on');
    expect(await page.getByTestId('load-meter').getAttribute('data-status')).toBe('near_limit');
  });

  it('explains a refusal in words, with the watts', async () => {
    await page.getByTestId('toggle-hair-dryer').click();
    const refusal = page.getByTestId('refusal').first();
    await refusal.waitFor();
    const words = await refusal.innerText();
    for (const figure of ['1800', '4200', '5000', '1000']) expect(words).toContain(figure);
    expect(await relayState('hair-dryer')).toBe('off');
    expect(await reserved()).toBe('4200');
    const picture = process.env['VOLTSAFE_PICTURE'];
    if (picture !== undefined) await page.screenshot({ path: picture });
  });

  it('never shows a stale picture as live', async () => {
    await house.hub.kill();
    await expect.poll(() => page.getByTestId('connection').getAttribute('data-state'), PATIENTLY).not.toBe('live');
    expect(await page.getByTestId('toggle-oven').isDisabled()).toBe(true);
  });
});
