import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { Child } from './child.ts';
import { type Client, getRequest } from './client.ts';
import { cpuMsOf } from './cpu.ts';
import { clientOf, untilReady } from './hub-child.ts';
import { Place } from './place.ts';
import { simulatedLine } from './simulated.ts';
import { heading, note, row, target } from './table.ts';

const BIN = fileURLToPath(new URL('../../daemon/voltsafe.js', import.meta.url));
/** The compiler and the collector have come to rest. */
const SETTLED_MS = 15_000;
const WATCHED_MS = 30_000;
const MAX_PERCENT = 3;
const OPEN = /(http:\/\/[^/\s]+)\/#setup=/;

/** The hub that nobody asks anything: its polls of four boards and two meters, beside a hub with nothing attached. */
export async function idle(place: Place): Promise<void> {
  const lines = await Promise.all(
    [0, 1].map((i) => simulatedLine(place, [...BOARDS, '--meter', i === 0 ? 'sdm630:3' : 'pzem:3'])),
  );
  const bare = await percentOf({});
  const attached = await percentOf({ buses: lines.flatMap(busesOn), meters: METERS });
  heading(
    `Idle: voltsafe run for ${WATCHED_MS / 1000} s after ${SETTLED_MS / 1000} s, user and system time of all threads`,
  );
  row('nothing attached', percent(bare));
  const holds = attached < MAX_PERCENT;
  target('4 boards and 2 meters, each polled at 1 s', percent(attached), `< ${MAX_PERCENT} % of a core`, holds);
  note('two lines at 9600 baud, on each two boards of eight relays and an SDM630 or a PZEM-004T');
}

const BOARDS = ['--board', 'modbus-coils', '--channels', '8', '--units', '1,2'];

const METERS = [
  { id: 'grid', driver: 'eastron-sdm', model: 'sdm630', bus: 'bus-0-1', unit: 3, measures: 'house' },
  { id: 'heater', driver: 'pzem-004t', bus: 'bus-1-1', unit: 3, measures: 'appliance:heater' },
];

function busesOn(path: string, line: number): object[] {
  return [1, 2].map((unit) => ({ id: `bus-${line}-${unit}`, driver: 'modbus-coils', path, unit, channels: 8 }));
}

async function percentOf(hardware: object): Promise<number> {
  let cpuMs = Number.NaN;
  await Place.use(async (place) => {
    const config = join(place.folder, 'house.yaml');
    const rest = { http: { host: '127.0.0.1', port: 0 }, mqtt: { mode: 'off' }, log: { level: 'warn' } };
    writeFileSync(config, JSON.stringify({ hub: { data_dir: place.newFolder() }, ...rest, ...hardware })); // JSON is YAML
    const child = new Child(place, [BIN, 'run', '--config', config]);
    const client = await clientOf(place, await child.said(OPEN));
    await untilReady(client);
    await pause(systemClock, SETTLED_MS);
    await demandMeters(client, config, place);
    const beforeMs = cpuMsOf(child.pid);
    await pause(systemClock, WATCHED_MS);
    cpuMs = cpuMsOf(child.pid) - beforeMs;
  });
  return (cpuMs * 100) / WATCHED_MS;
}

/** A hub that hears nothing is idle too. */
async function demandMeters(client: Client, config: string, place: Place): Promise<void> {
  const words = ['token', 'create', '--role', 'viewer', '--name', 'bench', '--config', config];
  const token = await new Child(place, [BIN, ...words]).said(/^(vs_\S+)$/m);
  const { body } = await client.ask(getRequest('/api/meters', token));
  const { meters } = JSON.parse(body) as { meters: { id: string; stale: boolean }[] };
  const silent = meters.find(({ stale }) => stale);
  if (silent !== undefined) throw new Error(`meter ${silent.id} is not heard`);
}

function percent(value: number): string {
  return `${value.toFixed(2)} %`;
}
