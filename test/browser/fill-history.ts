import { parseArgs } from 'node:util';
import { openTelemetry } from '../../daemon/telemetry/client.ts';
import { realClock } from '../drivers/real-clock.ts';
import { plausiblePower } from './plausible-power.ts';

/** Weeks of plausible power for the data directory of a hub that is not running: to look at the panel. */
const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    days: { type: 'string', default: '30' },
    timezone: { type: 'string', default: 'UTC' },
  },
});
const telemetry = openTelemetry({
  dataDir: values['data-dir'] ?? 'data',
  timezone: values.timezone,
  clock: realClock,
  isClockSure: () => false,
  onTrouble: (what) => console.error(what),
});
const nowMs = Math.floor(realClock.wallMs() / 60_000) * 60_000;
let rows = [];
for (const row of plausiblePower(nowMs - Number(values.days) * 86_400_000, nowMs)) {
  rows.push(row);
  if (rows.length < 5000) continue;
  await telemetry.write({ rows, counted: [] });
  rows = [];
}
await telemetry.write({ rows, counted: [] });
await telemetry.close();
console.log(`filled: ${telemetry.condition.what ?? 'ok'}`);
