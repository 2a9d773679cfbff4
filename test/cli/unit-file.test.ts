import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { scratch } from './voltsafe.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const UNIT = readFileSync(join(ROOT, 'systemd/voltsafe.service'), 'utf8');
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;

/** The unit as it would be with this checkout in place of the installed one. */
const here = UNIT.replaceAll('/opt/voltsafe-hub', ROOT);

function execStart(config: string): string[] {
  const line = /^ExecStart=(.*)$/m.exec(here)?.[1] ?? '';
  return line.replace('/etc/voltsafe/voltsafe.yaml', config).split(' ');
}

it('starts the hub of this checkout, and a wrong configuration ends it with the code that is not restarted', async () => {
  const config = join(scratch(), 'voltsafe.yaml');
  writeFileSync(config, 'limts: {}\n');
  const [file = '', ...args] = execStart(config);
  const ended = await new Promise<{ code: unknown; err: string }>((resolve) => {
    execFile(file, args, (error, _out, err) => resolve({ code: error?.code, err }));
  });
  expect(ended.err).toContain(`${config}:1:1: limts: unknown key; did you mean limits?`);
  expect(String(ended.code)).toBe(/^RestartPreventExitStatus=(\d+)$/m.exec(UNIT)?.[1]);
});

it.skipIf(!hasAnalyze)('is understood by systemd', () => {
  const file = join(scratch(), 'voltsafe.service');
  writeFileSync(file, here);
  expect(
    execFileSync('systemd-analyze', ['verify', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
  ).toBe('');
});

/** systemd would then let the hub open no serial port (systemd.resource-control(5): DevicePolicy=auto). */
it('names no device, so that all serial ports stay open to the group of the user', () => {
  expect(UNIT).not.toMatch(/^(DeviceAllow|DevicePolicy|PrivateDevices|ProtectClock)=/m);
});
