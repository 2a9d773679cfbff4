import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { Board } from '../edges/board.ts';
import { Child } from './child.ts';
import { cpuMsOf } from './cpu.ts';
import { median } from './figures.ts';
import { clientOf, untilReady } from './hub-child.ts';
import { pollExchangeMs } from './line-time.ts';
import { copyOf, oldLedger, withoutSnapshots } from './old-ledger.ts';
import { Place } from './place.ts';
import { heading, ms, note, row, target } from './table.ts';

const BIN = fileURLToPath(new URL('../../daemon/voltsafe.js', import.meta.url));
const ROWS = 10_000;
const STARTS = 5;
const READY_MS = 1000;
const RSS_MB = 130;
/** Memory is read when the start is through, and once more when what it left behind may have been collected. */
const SETTLED_MS = 1000;
const OPEN = /(http:\/\/[^/\s]+)\/#setup=/;

interface Start {
  readonly openMs: number;
  readonly readyMs: number;
  /** Of all its threads until ready: what a start takes whatever else the machine does. */
  readonly cpuMs: number;
  readonly readyMb: number;
  readonly settledMb: number;
}

interface Hardware {
  readonly boardPath: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** `voltsafe run` as a person starts it, on a board at 9600 baud and a ledger of 10,000 rows. */
export async function start(place: Place): Promise<void> {
  const boardPath = join(place.folder, 'board');
  const board = await Board.start(boardPath);
  place.atEnd(() => board.unplug());
  // A compile cache of our own: empty for the first start, and not the one of whoever runs this.
  const env = { ...process.env, CACHE_DIRECTORY: undefined, XDG_CACHE_HOME: place.newFolder() };
  const whole = await oldLedger(ROWS, place);
  const bare = withoutSnapshots(whole, place);
  const first = await startOnce(whole, { boardPath, env });
  const starts: { whole: Start; bare: Start }[] = [];
  for (let i = 0; i < STARTS; i++) {
    starts.push({ whole: await startOnce(whole, { boardPath, env }), bare: await startOnce(bare, { boardPath, env }) });
  }
  heading(`Start: voltsafe run, eight relays at 9600 baud, ${ROWS} rows; median of ${STARTS}, compile cache filled`);
  report(
    'snapshot at the last row',
    starts.map((one) => one.whole),
  );
  report(
    'no snapshot, every row replayed',
    starts.map((one) => one.bare),
  );
  note(
    `the board's line time, ${ms(pollExchangeMs())} for the first FC01, is taken off; ready is GET /ready, asked every 2 ms`,
  );
  row('first start, compile cache empty: ready', ms(first.readyMs - pollExchangeMs()));
  row('first start, compile cache empty: memory', mb(atMost(first)));
  row('voltsafe start, new house, with its simulated board', ms(await demoMs(env)));
}

function report(which: string, starts: readonly Start[]): void {
  const readyMs = median(starts.map((one) => one.readyMs)) - pollExchangeMs();
  const openMs = median(starts.map((one) => one.openMs));
  const rssMb = median(starts.map(atMost));
  target(`${which}: spawn to ready`, ms(readyMs), `< ${READY_MS} ms`, readyMs < READY_MS);
  row('  with the line time; of which until HTTP is open', `${ms(readyMs + pollExchangeMs())}; ${ms(openMs)}`);
  row('  CPU time until ready, all threads', ms(median(starts.map((one) => one.cpuMs))));
  target(`${which}: VmRSS`, mb(rssMb), `< ${RSS_MB} MB`, rssMb < RSS_MB);
  note(
    `at ready ${mb(median(starts.map((one) => one.readyMb)))}, ${SETTLED_MS / 1000} s later ${mb(median(starts.map((one) => one.settledMb)))}; the higher of each start counts`,
  );
}

function atMost({ readyMb, settledMb }: Start): number {
  return Math.max(readyMb, settledMb);
}

/** On a copy, so that each start finds the same ledger. */
async function startOnce(ledger: string, { boardPath, env }: Hardware): Promise<Start> {
  const found: Start[] = [];
  await Place.use(async (place) => {
    const config = configFile(copyOf(ledger, place), boardPath, place);
    const child = new Child(place, [BIN, 'run', '--config', config], env);
    const url = await child.said(OPEN);
    const openMs = performance.now() - child.startedMs;
    await untilReady(await clientOf(place, url));
    const readyMs = performance.now() - child.startedMs;
    const cpuMs = cpuMsOf(child.pid);
    const readyMb = rssMb(child.pid);
    await pause(systemClock, SETTLED_MS);
    found.push({ openMs, readyMs, cpuMs, readyMb, settledMb: rssMb(child.pid) });
  });
  const [one] = found;
  if (one === undefined) throw new Error('no start was measured');
  return one;
}

function configFile(dataDir: string, path: string, place: Place): string {
  const file = join(place.folder, 'house.yaml');
  const config = {
    hub: { data_dir: dataDir },
    http: { host: '127.0.0.1', port: 0 },
    mqtt: { mode: 'off' },
    buses: [{ id: 'main', driver: 'modbus-coils', path, channels: 8 }],
    log: { level: 'warn' },
  };
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  return file;
}

/** The process that was spawned is the hub: this Node is the pinned one, so nothing is handed over. */
function rssMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kb ?? Number.NaN) * 1024) / 1e6;
}

function mb(value: number): string {
  return `${value.toFixed(1)} MB`;
}

async function demoMs(env: Hardware['env']): Promise<number> {
  let openMs = Number.NaN;
  await Place.use(async (place) => {
    const words = [BIN, 'start', '--host', '127.0.0.1', '--port', '0', '--data-dir', place.newFolder()];
    const child = new Child(place, words, env);
    await child.said(OPEN);
    openMs = performance.now() - child.startedMs;
    await child.end('SIGTERM');
  });
  return openMs;
}
