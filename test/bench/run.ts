import { cpus, loadavg } from 'node:os';
import process from 'node:process';
import { boardToggle } from './board-toggle.ts';
import { cost } from './cost.ts';
import { disk } from './disk.ts';
import { diskDay } from './disk-day.ts';
import { httpToggle } from './http-toggle.ts';
import { idle } from './idle.ts';
import { locks } from './locks.ts';
import { mqtt } from './mqtt.ts';
import { overload } from './overload.ts';
import { Place } from './place.ts';
import { powerHistory } from './power-history.ts';
import { replication } from './replication.ts';
import { slowDisk } from './slow-disk.ts';
import { start } from './start.ts';
import { summary } from './table.ts';

/** `npm run bench`, or a part of it: `npm run bench -- start http`. Nothing that is measured fails it. */

const MEASUREMENTS: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  disk,
  http: httpToggle,
  board: boardToggle,
  overload,
  slow: slowDisk,
  cost,
  locks,
  start,
  idle,
  mqtt,
  history: powerHistory,
  'disk-day': diskDay,
  replication,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => MEASUREMENTS[name] === undefined);
if (unknown.length > 0) {
  console.error(`bench: there is no ${unknown.join(', ')}; there are ${Object.keys(MEASUREMENTS).join(', ')}`);
  process.exit(2);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

const [load = 0] = loadavg();
console.log(
  `Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), load ${load.toFixed(2)} before`,
);
for (const [name, measure] of Object.entries(MEASUREMENTS)) {
  if (names.length === 0 || names.includes(name)) await Place.use(measure);
}
summary();
