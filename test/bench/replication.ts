import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { TIMING } from '../../daemon/replication/limits.ts';
import { migrate } from '../../daemon/replication/migrate.ts';
import { Replicator } from '../../daemon/replication/replicator.ts';
import { Session } from '../../daemon/replication/session.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { ask, Postgres } from '../postgres/server.ts';
import { plainTarget } from '../replication/settings.ts';
import { insertBare } from './bare-insert.ts';
import { type Series, seriesOf, timed } from './figures.ts';
import { type BenchHub, toggle } from './in-process.ts';
import type { Place } from './place.ts';
import { heading, ms, note, p50p99, perSecond, row, target, times } from './table.ts';
import { type Offline, type Size, twoWeeks } from './two-weeks.ts';

/** `REPLICATION_DAYS=1` is for a short look. */
const DAYS = Number(process.env.REPLICATION_DAYS ?? 14);
const SIZE: Size = { appliances: 100, minutes: DAYS * 1_440, events: Math.round((100_000 * DAYS) / 14) };
const SHARE = 0.5;
const TIMES_QUIET = 1.5;
const QUIET_TOGGLES = 250;
/** Five a second: far more than people do, far less than would be a load of its own. */
const BETWEEN_TOGGLES_MS = 200;

/** Two weeks offline, drained while people switch; beside it the same rows by a bare loop into the same server. */
export async function replication(place: Place): Promise<void> {
  heading(
    `Replication: ${DAYS} days offline with ${SIZE.appliances} appliances, drained into PostgreSQL on this machine`,
  );
  const server = await Postgres.start({
    flags: ['fsync=on', 'full_page_writes=on', 'shared_buffers=128MB', 'max_wal_size=2GB'],
  });
  place.atEnd(() => server.stop());
  const offline = await twoWeeks(place, SIZE);
  const url = await migrated(server);
  const quiet = await toggles(offline.bench, QUIET_TOGGLES, () => false, 20);
  const bareMs = await bare(url, offline);
  const drain = await drained(url, offline);
  report(quiet, bareMs, drain);
  await proved(url, offline.bench.hub.state.seq);
}

interface Drain {
  readonly rows: number;
  readonly tookMs: number;
  readonly toggled: Series;
  readonly loopMs: number;
}

async function migrated(server: Postgres): Promise<string> {
  const url = await server.newDatabase();
  const session = await Session.open(plainTarget(url), TIMING, new AbortController().signal);
  await migrate(session, TIMING);
  session.close();
  return url;
}

async function bare(url: string, offline: Offline): Promise<{ rows: number; tookMs: number }> {
  const { seq } = offline.bench.hub.state;
  let rows = 0;
  const [tookMs = 0] = await timed(1, async () => {
    rows = await insertBare(url, offline, seq);
  });
  await ask(url, 'checkpoint');
  return { rows, tookMs };
}

async function drained(url: string, { bench, telemetry }: Offline): Promise<Drain> {
  const { hub, ledger } = bench;
  const replicator = new Replicator({
    target: plainTarget(url),
    hub: { id: 'bench', name: 'Bench', version: 'bench' },
    events: {
      origin: ledger.stored.origin,
      lastSeq: () => hub.state.seq,
      read: (after, limit) => ledger.readRows(after, limit),
    },
    power: telemetry,
    cursors: null,
    standing: null,
    clock: systemClock,
    onTrouble: ({ code, detail }) => console.error(code, detail),
  });
  let isOver = false;
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const toggling = toggles(bench, Number.POSITIVE_INFINITY, () => isOver, BETWEEN_TOGGLES_MS);
  loop.enable();
  const [tookMs = 0] = await timed(1, async () => {
    replicator.start();
    while (!replicator.state().connected || replicator.state().lag_rows > 0) await pause(systemClock, 20);
  });
  loop.disable();
  isOver = true;
  const toggled = await toggling;
  const { rows_sent: rows } = replicator.state();
  await replicator.stop();
  return { rows, tookMs, toggled, loopMs: loop.percentile(99) / 1e6 };
}

/** One after the other, with a pause between. */
async function toggles({ hub }: BenchHub, count: number, isOver: () => boolean, betweenMs: number): Promise<Series> {
  const takenMs: number[] = [];
  for (let i = 0; i < count && !isOver(); i += 1) {
    takenMs.push(...(await timed(1, () => hub.queue.ask(toggle('load-0', i % 2 === 0)))));
    await pause(systemClock, betweenMs);
  }
  return seriesOf(takenMs);
}

function report(quiet: Series, bareOf: { rows: number; tookMs: number }, drain: Drain): void {
  const bareRate = (bareOf.rows * 1000) / bareOf.tookMs;
  const rate = (drain.rows * 1000) / drain.tookMs;
  row(`bare unnest loop, ${bareOf.rows.toLocaleString('en')} rows`, perSecond(bareRate));
  const share = rate / bareRate;
  target(
    `drained, ${drain.rows.toLocaleString('en')} rows in ${Math.round(drain.tookMs / 1000)} s`,
    perSecond(rate),
    `>= ${SHARE} of the bare loop`,
    share >= SHARE,
  );
  row('  of the bare loop', times(share));
  row(`toggles of a declared load, quiet, ${quiet.count} (p50 / p99)`, p50p99(quiet));
  const slower = drain.toggled.p50 / quiet.p50;
  target(
    `toggles meanwhile, ${drain.toggled.count} (p50 / p99)`,
    p50p99(drain.toggled),
    `p50 <= ${TIMES_QUIET} x quiet`,
    slower <= TIMES_QUIET,
  );
  row('  event loop of the hub held up, p99', ms(drain.loopMs));
}

/** Nothing is measured of what is not right. */
async function proved(url: string, lastSeq: number): Promise<void> {
  const [found] = await ask(
    url,
    `select (select count(*) from voltsafe.event)::int as events, (select count(*) from voltsafe.power_readings)::int as minutes,
      (select count(*) from voltsafe.broken_links((select origin from voltsafe.event limit 1)))::int as broken`,
  );
  if (Number(found?.events) < lastSeq || found?.broken !== 0 || found.minutes !== SIZE.appliances * SIZE.minutes)
    throw new Error(`Postgres has ${JSON.stringify(found)}`);
  note(`${found.events} events whose chain holds, ${found.minutes} minutes`);
}
