import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
  '--disable-component-update',
];

/** Debian's Chromium with a profile of its own; whoever opens it removes it. */
export async function openBrowser(viewport: { readonly width: number; readonly height: number }) {
  const profile = mkdtempSync(join(tmpdir(), 'voltsafe-chromium-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['VOLTSAFE_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ARGS,
    viewport: { ...viewport },
  });
  const remove = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, remove };
}
