import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { crowd } from './callers.ts';
import { type Client, getRequest } from './client.ts';
import { type Series, seriesOf, timed } from './figures.ts';
import { clientOf, type HubChild, startHubChild } from './hub-child.ts';
import { hammer, openBenchHub } from './in-process.ts';
import type { Place } from './place.ts';
import { RawDisk } from './raw-disk.ts';
import { heading, ms, note, p50p99, perSecond, row, target, times } from './table.ts';

const COMMIT_DELAY_MS = 5;
const CALLERS = 100;
/** One batch in flight splits the callers into two cohorts: half of this is the ceiling. */
const IDEAL_PER_SECOND = (CALLERS * 1000) / COMMIT_DELAY_MS;
const SHARE = 0.4;
const TIMES_ONE_CALLER = 10;
const READ_P99_MS = 20;
const READS = ['/api/load', '/api/appliances'] as const;

/** Every commit takes 5 ms longer, in the thread of the ledger: the hub must not get slower for it than it has to. */
export async function slowDisk(place: Place): Promise<void> {
  heading(`Slow disk: each commit takes ${COMMIT_DELAY_MS} ms longer`);
  await inProcess(place);
  await overHttp(await startHubChild(place, { appliances: CALLERS, commitDelayMs: COMMIT_DELAY_MS }), place);
}

async function inProcess(place: Place): Promise<void> {
  const { hub, close } = await openBenchHub(place.newFolder(), CALLERS, { commitDelayMs: COMMIT_DELAY_MS });
  place.atEnd(close);
  await hammer(hub, CALLERS, 500);
  const { p50: syncMs } = seriesOf(await new RawDisk(place).syncs(100));
  const got = await hammer(hub, CALLERS, 4000);
  const wanted = SHARE * IDEAL_PER_SECOND;
  target(`in process, ${CALLERS} callers`, perSecond(got), `>= ${perSecond(wanted)}`, got >= wanted);
  row(`  of ${perSecond(IDEAL_PER_SECOND)}`, `${Math.round((got * 100) / IDEAL_PER_SECOND)} %`);
  note(`on a disk whose own fdatasync, raw p50 ${ms(syncMs)}, comes on top of these ${COMMIT_DELAY_MS} ms`);
}

async function overHttp({ url, token }: HubChild, place: Place): Promise<void> {
  const clients = await Promise.all(READS.map(() => clientOf(place, url)));
  await crowd({ url, token, callers: CALLERS, forMs: 1000 });
  const one = await crowd({ url, token, callers: 1, forMs: 3000 });
  let isOver = false;
  const reading = READS.map((path, i) => read(clients[i], getRequest(path, token), () => isOver));
  const many = await crowd({ url, token, callers: CALLERS, forMs: 8000 });
  isOver = true;
  const ratio = many.perSecond / one.perSecond;
  row('HTTP, one caller (p50 / p99)', `${perSecond(one.perSecond)}, ${p50p99(one.ms)}`);
  row(`HTTP, ${CALLERS} callers (p50 / p99)`, `${perSecond(many.perSecond)}, ${p50p99(many.ms)}`);
  target('HTTP, many callers to one', times(ratio), `>= ${TIMES_ONE_CALLER} x`, ratio >= TIMES_ONE_CALLER);
  for (const [i, series] of (await Promise.all(reading)).entries()) reportReads(READS[i] ?? '', series);
}

/** A panel that asks again 10 ms after it was answered. */
async function read(client: Client | undefined, request: Buffer, isOver: () => boolean): Promise<Series> {
  const takenMs: number[] = [];
  while (!isOver()) {
    takenMs.push(...(await timed(1, () => client?.demand(request))));
    await pause(systemClock, 10);
  }
  return seriesOf(takenMs);
}

function reportReads(path: string, { p50, p99, count }: Series): void {
  const figure = `${ms(p50)} / ${ms(p99)}`;
  target(`  GET ${path} meanwhile, ${count} (p50 / p99)`, figure, `p99 < ${READ_P99_MS} ms`, p99 < READ_P99_MS);
}
