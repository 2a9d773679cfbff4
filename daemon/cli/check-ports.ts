import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { serialDevices, udevPorts } from '../../relay-drivers/find/serial-ports.ts';
import type { Settings } from '../settings/types.ts';
import { type Check, fail, ok, warn } from './checks.ts';
import { wordsOf } from './errors.ts';
import { portAdvice } from './port-advice.ts';

/** The ports of the configuration: are they there, may they be used, is their name one that stays. */
export async function checkPorts({ buses, meters }: Settings): Promise<Check[]> {
  const named = [...buses, ...meters].flatMap((entry) =>
    'path' in entry && entry.path !== undefined ? [entry.path] : [],
  );
  const paths = [...new Set(named)].filter((path) => !path.startsWith('tcp:'));
  const stable = new Map((await serialDevices(udevPorts)).map(({ device, path }) => [device, path]));
  return Promise.all(paths.map((path) => checkPort(path, stable)));
}

async function checkPort(path: string, stable: ReadonlyMap<string, string>): Promise<Check> {
  try {
    const device = await realpath(path);
    await access(device, constants.R_OK | constants.W_OK);
    const name = stable.get(device);
    if (device === path && name !== undefined && name !== path)
      return warn(`${path} may be another adapter after the next start`, `configure path: ${name}`);
    return ok(`${path} is there and may be used`);
  } catch (error) {
    return fail(`${path} cannot be used: ${wordsOf(error)}`, portAdvice(wordsOf(error)));
  }
}
