import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const CHROMIUM = process.env['VOLTSAFE_CHROMIUM'] ?? '/usr/bin/chromium';

/** The browser test needs Debian's Chromium: it is installed where that may be done, or named in one line. */
export default function setup(): void {
  if (existsSync(CHROMIUM)) return;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('installing chromium for the browser test');
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { stdio: 'inherit' });
  }
  if (!existsSync(CHROMIUM)) {
    throw new Error(
      'the browser test needs Chromium: run `sudo apt-get install chromium`, or set VOLTSAFE_CHROMIUM to one',
    );
  }
}
