import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import type { Settings } from '../settings/types.ts';
import { readArgs } from './args.ts';
import type { CliIo } from './io.ts';
import { lanAddress, onThisMachine, openLinks } from './links.ts';
import type { RunningHub } from './ports.ts';
import { serveHub } from './serve.ts';
import { needSettings } from './settings-file.ts';
import { SYNOPSIS } from './synopsis.ts';

/** The hub on real hardware, as its configuration file says. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const args = readArgs(words, { usage: SYNOPSIS.run, values: ['config', 'data-dir'] });
  const settings = await needSettings(args.required('config'), io);
  const dataDir = resolve(io.cwd, args.value('data-dir') ?? settings.hub.dataDir);
  const choice = { settings, dataDir, portRetry: false, simulated: false };
  return serveHub(choice, io, (hub) => greet(hub, settings, dataDir, io));
}

function greet(
  hub: RunningHub,
  { limits, buses, plugs, meters, replication }: Settings,
  dataDir: string,
  io: CliIo,
): void {
  const { here, lan } = openLinks(hub.setupLink, lanAddress(networkInterfaces()));
  io.out(`VoltSafe Hub runs. Open the panel (the link works once): ${here}`);
  if (lan !== null) io.out(`  from another device:  ${lan}`);
  io.out(`  limit                 ${limits.limitMw / 1000} W`);
  io.out(`  buses                 ${buses.map(({ id, path }) => `${id} (${path})`).join(', ') || 'none'}`);
  if (plugs.length > 0) io.out(`  on MQTT               ${plugs.map(({ id }) => id).join(', ')}`);
  if (hub.mqttUrl) io.out(`  MQTT broker           ${onThisMachine(hub.mqttUrl)}`);
  if (meters.length > 0) io.out(`  meters                ${meters.map(({ id }) => id).join(', ')}`);
  if (replication !== null) io.out(`  replication           ${placeOf(replication.url)}`);
  io.out(`  data                  ${dataDir}`);
}

/** Without what a URL may carry besides: its password, above all. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
