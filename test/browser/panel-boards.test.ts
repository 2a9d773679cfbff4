import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program, voltsafe } from '../edges/program.ts';
import { type House, openHouse } from '../edges/rig.ts';

const PATIENTLY = { timeout: 30_000, interval: 50 };

let house: House;
let clashing: Program;
let context: BrowserContext;
let page: Page;
const profile = mkdtempSync(join(tmpdir(), 'voltsafe-chromium-'));

/** A hub with a good board, and a line on which two boards have one address. */
beforeAll(async () => {
  const path = join(profile, 'cellar');
  const words = ['simulate', '--units', '1,1', '--clash', '--link', path, '--exit-with-stdin'];
  clashing = new Program([...words, '--seed', '3']);
  await clashing.said(/^board ready/m);
  house = await openHouse({ buses: { main: {}, cellar: { path } } });
  await house.start();
  await house.add('pump', 1000, 'cellar/1');
  context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['VOLTSAFE_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    viewport: { width: 1280, height: 800 },
  });
  page = await context.newPage();
  await page.goto(await house.hub.said(/(http:\/\/\S+#setup=\S+)/));
}, 60_000);

afterAll(async () => {
  await context?.close();
  await house?.remove();
  await clashing?.kill();
  rmSync(profile, { recursive: true, force: true });
});

describe('a line on which two boards have one address', { timeout: 60_000 }, () => {
  it('is told by the API with what is probably wrong and what to try', async () => {
    await expect
      .poll(async () => (await house.api.ask('/api/buses')).body, PATIENTLY)
      .toMatchObject({
        buses: [
          { id: 'main', driver: 'modbus-coils', up: true, reason: null, advice: null },
          {
            id: 'cellar',
            up: false,
            reason: expect.stringMatching(/probably two devices on the line have this address/),
            advice: expect.stringMatching(/disconnect all devices but one/),
          },
        ],
      });
  });

  it('and by the panel, in the same words', async () => {
    const row = page.getByTestId('board-cellar');
    await row.waitFor();
    const text = await row.innerText();
    expect(text).toMatch(/Board cellar\s[\s\S]*two devices on the line have this address/);
    expect(text).toMatch(/What to try: Disconnect all devices but one/);
    expect(text).toMatch(/On it: pump\. 1000 W stay counted/);
    expect(await page.getByTestId('board-main').count()).toBe(0);
  });

  it('and by voltsafe doctor, which asks the hub', async () => {
    const { code, out } = await voltsafe('doctor', '--data-dir', house.dataDir);
    expect(code).toBe(1);
    expect(out).toMatch(/^ok {4}board main answers$/m);
    expect(out).toMatch(
      /^fail {2}board cellar: .*two devices on the line have this address.*\n.*what to do: disconnect/m,
    );
  });
});
