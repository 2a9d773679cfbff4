import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { Calendar } from '../../daemon/telemetry/calendar.ts';
import { openTelemetry } from '../../daemon/telemetry/client.ts';
import { DAY_MS, HOUR_MS, KEEP_MINUTES_MS, MAX_POINTS, MINUTE_MS } from '../../daemon/telemetry/limits.ts';
import type { PowerQuery, TelemetryHandle } from '../../daemon/telemetry/port.ts';
import { Recorder } from '../../daemon/telemetry/recorder.ts';
import { TelemetryStore } from '../../daemon/telemetry/store.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { seriesOf, timed } from './figures.ts';
import type { Place } from './place.ts';
import { heading, note, p50p99, row, target } from './table.ts';

const TIMEZONE = 'Europe/Rome';
const YEAR_MINUTES = 525_600;
const SOURCES = 20;
const FROM_MS = Date.UTC(2025, 5, 1);
const QUESTIONS = 300;
const AT_MOST_MS = 50;
const AT_MOST_MB = 100;
const PLUGS = 100;

/** Reading a year, and what a day of writing costs the card. */
export async function powerHistory(place: Place): Promise<void> {
  heading(
    `Power history: a year of minutes (${YEAR_MINUTES.toLocaleString('en')}) of ${SOURCES} sources, through its thread`,
  );
  await reading(place);
  heading(`Power history: a day of ${PLUGS} plugs that report every second, as fast as it goes`);
  await writing(place);
}

async function reading(place: Place): Promise<void> {
  const dataDir = place.newFolder();
  fillYear(join(dataDir, 'telemetry.db'));
  const store = open(place, dataDir, systemClock);
  await store.opened;
  const random = seededRandom(1);
  for (const source of ['appliance:7', 'all'])
    for (const resolution of ['auto', 'minute', 'hour', 'day'] as const) {
      let most = 0;
      const takenMs = await timed(QUESTIONS, async () => {
        most = Math.max(most, (await store.power(anyRange(random, source, resolution))).length);
      });
      const series = seriesOf(takenMs);
      const what = `power: ${source === 'all' ? 'all sources' : 'one source'}, any range, ${resolution} (p50 / p99)`;
      target(what, p50p99(series), `p99 < ${AT_MOST_MS} ms`, series.p99 < AT_MOST_MS);
      if (most > MAX_POINTS) target('points of an answer', String(most), `<= ${MAX_POINTS}`, false);
    }
  const query = { fromMs: FROM_MS, toMs: FROM_MS + YEAR_MINUTES * MINUTE_MS } as const;
  for (const group of ['none', 'month'] as const)
    row(
      `energy of the year, all sources, by ${group} (p50 / p99)`,
      p50p99(seriesOf(await timed(20, () => store.energy({ ...query, group })))),
    );
  await store.close();
}

/** From five minutes to the year, each length as likely as the double of it. */
function anyRange(random: () => number, source: string, resolution: PowerQuery['resolution']): PowerQuery {
  const yearMs = YEAR_MINUTES * MINUTE_MS;
  const forMs = 5 * MINUTE_MS * (yearMs / (5 * MINUTE_MS)) ** random();
  const fromMs = Math.floor(FROM_MS + random() * (yearMs - forMs));
  return { source, fromMs, toMs: Math.ceil(fromMs + forMs), resolution };
}

/** By SQL, in the order of the key: what the recorder would have written in a year. */
function fillYear(path: string): void {
  const store = new TelemetryStore(path, new Calendar(TIMEZONE), TIMEZONE);
  const { db } = store;
  const [from, to] = [FROM_MS / MINUTE_MS, FROM_MS / MINUTE_MS + YEAR_MINUTES];
  db.exec('DROP INDEX power_rev; BEGIN');
  for (let id = 1; id <= SOURCES; id++)
    db.prepare('INSERT INTO source (id, name, last_at) VALUES (?, ?, ?)').run(id, `appliance:${id}`, to);
  const values = (at: string) =>
    `(${at} * id) % 2000000, (${at} * id) % 2000000, (${at} * id) % 3000000, ${at} % 60000, 230000, 60000, 60, NULL, NULL, 0`;
  for (const [level, step, shift] of [
    [0, 1, 0],
    [3, 15, 0],
    [1, 60, 0],
    [2, 1440, -120],
  ] as const)
    db.exec(`INSERT INTO power WITH RECURSIVE
      moment (at) AS (SELECT ${from + shift} UNION ALL SELECT at + ${step} FROM moment WHERE at + ${step} < ${to}),
      known (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM known WHERE id < ${SOURCES})
      SELECT ${level}, at, id, ${level === 3 ? 'NULL' : `(at - ${from}) * 100 + id + 20000`}, ${values('at')} FROM moment CROSS JOIN known`);
  db.exec('CREATE INDEX power_rev ON power (rev) WHERE rev IS NOT NULL; COMMIT');
  store.close();
}

function open(place: Place, dataDir: string, clock: VirtualClock | typeof systemClock): TelemetryHandle {
  const store = openTelemetry({
    dataDir,
    timezone: TIMEZONE,
    clock,
    isClockSure: () => true,
    onTrouble: (what) => {
      throw new Error(what);
    },
  });
  place.atEnd(() => store.close());
  return store;
}

/** A day of three months ago lies there, too: its minutes expire meanwhile, as on any day of a hub that runs for long. */
async function writing(place: Place): Promise<void> {
  const clock = new VirtualClock(FROM_MS);
  const store = open(place, place.newFolder(), clock);
  await store.opened;
  await fillOldDay(store);
  const before = written();
  const startMs = performance.now();
  await liveADay(clock, store);
  const seconds = (performance.now() - startMs) / 1000;
  const [mb, blockMb] = [(written().wchar - before.wchar) / 1e6, (written().blocks - before.blocks) / 1e6];
  target('written by the process in that day', `${mb.toFixed(1)} MB`, `< ${AT_MOST_MB} MB`, mb < AT_MOST_MB);
  note(
    'wchar of /proc/self/io: all that was handed to write(2) by all threads, the write-ahead log and its checkpoints included',
  );
  row('of it as write_bytes, which counts no page twice while it is dirty', `${blockMb.toFixed(1)} MB`);
  row('a reading, from the meter to its minute', `${((seconds * 1e6) / (PLUGS * 86_400)).toFixed(2)} us`);
}

async function fillOldDay(store: TelemetryHandle): Promise<void> {
  const quiet = {
    avgMw: 5000,
    minMw: 5000,
    maxMw: 5000,
    energyMwh: 83,
    voltageMv: 230_000,
    coveredMs: MINUTE_MS,
    samples: 60,
  };
  const rest = { isEstimated: false, interactiveMw: null, backgroundMw: null, isClockSure: true };
  for (let hour = 0; hour < 24; hour++) {
    const rows = Array.from({ length: 60 * PLUGS }, (_, i) => {
      const startMs = FROM_MS - KEEP_MINUTES_MS + hour * HOUR_MS + Math.floor(i / PLUGS) * MINUTE_MS;
      return { source: `appliance:${i % PLUGS}`, startMs, ...quiet, ...rest };
    });
    await store.write({ rows, counted: [] });
    await store.flush();
  }
}

async function liveADay(clock: VirtualClock, store: TelemetryHandle): Promise<void> {
  const sources = Array.from({ length: PLUGS }, (_, i) => `appliance:${i}`);
  const metered = new Set(sources);
  const recorder = new Recorder({
    clock,
    store,
    baseLoadMw: 0,
    isClockSure: () => true,
    metered: () => metered,
    onTrouble: (what) => note(what),
  });
  const random = seededRandom(2);
  for (let second = 0; second < DAY_MS / 1000; second++) {
    for (const source of sources) {
      const powerMw = 40_000 + Math.floor(random() * 900_000);
      const energyMwh = 1000 * Math.floor((second * 500_000) / 3_600_000);
      recorder.reading(source, {
        powerMw,
        voltageMv: 228_000 + (powerMw % 4000),
        energyMwh,
        atUpMs: clock.nowMs(),
        atWallMs: clock.wallMs(),
      });
    }
    await clock.advance(1000);
    if (second % 300 === 0) await store.cursor(); // the thread keeps up
  }
  await recorder.close();
  await store.close();
}

function written(): { wchar: number; blocks: number } {
  const io = readFileSync('/proc/self/io', 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1] ?? Number.NaN);
  return { wchar: field('wchar'), blocks: field('write_bytes') };
}
