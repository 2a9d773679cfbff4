import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export const MOSQUITTO = process.env['VOLTSAFE_MOSQUITTO'] ?? '/usr/sbin/mosquitto';
const APT = '/usr/bin/apt-get';

/** The tests of an external broker need Debian's Mosquitto: it is installed where that may be done, or named in one line. */
export default function setup(): void {
  if (existsSync(MOSQUITTO)) return;
  if (process.getuid?.() === 0 && existsSync(APT)) install();
  if (!existsSync(MOSQUITTO)) {
    throw new Error(
      'the broker tests need Mosquitto: run `sudo apt-get install mosquitto`, or set VOLTSAFE_MOSQUITTO to one',
    );
  }
}

function install(): void {
  console.log('installing mosquitto for the tests of an external broker');
  spawnSync(APT, ['update', '-qq'], { stdio: 'inherit' });
  spawnSync(APT, ['install', '-y', '-qq', '--no-install-recommends', 'mosquitto'], { stdio: 'inherit' });
  // Debian starts a service with it, on the port that a hub of this machine would want.
  if (existsSync('/run/systemd/system')) spawnSync('systemctl', ['disable', '--now', '--quiet', 'mosquitto']);
  else spawnSync('service', ['mosquitto', 'stop']);
}
