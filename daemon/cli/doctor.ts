import { z } from 'zod';
import { realPorts } from '../../relay-drivers/transport/open.ts';
import type { Settings } from '../settings/types.ts';
import { readArgs } from './args.ts';
import { checkBroker } from './check-broker.ts';
import { checkDisk } from './check-disk.ts';
import { checkPorts } from './check-ports.ts';
import { checkNode, checkSqlite, checkTimeService, clockWatch, judgeClock } from './check-system.ts';
import { type Check, fail, ok, warn } from './checks.ts';
import { askControl, isHubRunning } from './control-client.ts';
import { dataDirOf } from './data-dir.ts';
import { wordsOf } from './errors.ts';
import { loadCheckup } from './hub-module.ts';
import { type CliIo, FAILED, OK } from './io.ts';
import type { DeviceState } from './ports.ts';
import { needSettings } from './settings-file.ts';
import { SYNOPSIS } from './synopsis.ts';

const deviceList = z.array(
  z.strictObject({ name: z.string(), isWell: z.boolean(), what: z.string(), advice: z.string().nullable() }),
);

/** Looks at what a hub stands on, and says what to do. Exit code 1 when something fails. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const args = readArgs(words, { usage: SYNOPSIS.doctor, values: ['config', 'data-dir'], flags: ['json'] });
  const config = args.value('config');
  const settings = config === undefined ? null : await needSettings(config, io);
  const dataDir = await dataDirOf(args, io);
  const checks: Check[] = [];
  const told = (check: Check | null) => {
    if (check === null) return;
    checks.push(check);
    if (!args.flag('json')) print(check, io);
  };
  for await (const check of all(settings, dataDir, io)) told(check);
  if (args.flag('json')) io.out(JSON.stringify({ checks }));
  return checks.some(({ level }) => level === 'fail') ? FAILED : OK;
}

async function* all(settings: Settings | null, dataDir: string, io: CliIo): AsyncGenerator<Check | null> {
  const steppedMs = clockWatch(io.clock);
  yield await checkNode(io.self);
  yield await checkSqlite();
  yield* await checkDisk(dataDir, io.clock);
  yield judgeClock(io.clock.wallMs(), steppedMs());
  yield await checkTimeService();
  if (settings !== null) yield* await checkPorts(settings);
  if (settings !== null) yield* await checkBroker(settings.mqtt, await isHubRunning(dataDir));
  yield* await checkDevices(settings, dataDir, io);
}

/** A running hub has its ports and is asked; without one, the lines are opened here. */
async function checkDevices(settings: Settings | null, dataDir: string, io: CliIo): Promise<Check[]> {
  const asked = await hubDevices(dataDir);
  if (asked !== null) return asked;
  if (settings === null)
    return [
      warn('no hub runs here and no configuration is given: boards and meters were not looked at', 'add --config FILE'),
    ];
  const { checkDevices: check } = await loadCheckup();
  const progress = (text: string) => io.err(text);
  const { devices, warnings } = await check(settings, { clock: io.clock, openPort: realPorts(io.clock), progress });
  const tooMuch = warnings.map((what) => warn(what, 'see its last sentence'));
  return [...devices.map(judged), ...tooMuch];
}

/** Null when no hub runs on this data directory. */
async function hubDevices(dataDir: string): Promise<Check[] | null> {
  try {
    const answered = await askControl(dataDir, 'hub.devices', {});
    if (answered === null) return null;
    return [ok(`a hub runs on ${dataDir}; this is what it says`), ...deviceList.parse(answered.result).map(judged)];
  } catch (error) {
    return [
      fail(
        `a hub runs on ${dataDir} and cannot be asked: ${wordsOf(error)}`,
        'run this as its user; restart it after an update',
      ),
    ];
  }
}

function judged({ name, isWell, what, advice }: DeviceState): Check {
  if (isWell) return ok(`${name} ${what}`);
  return fail(`${name}: ${what}`, advice ?? 'check power and cable');
}

function print({ level, what, advice }: Check, io: CliIo): void {
  io.out(`${level.padEnd(4)}  ${what}`);
  if (advice !== null) io.out(`      what to do: ${advice}`);
}
