import { apply } from '../../daemon/core/apply.ts';
import { decide } from '../../daemon/core/decide.ts';
import type { Answer, Input } from '../../daemon/core/inputs.ts';
import { draftOf, emptyState } from '../../daemon/core/state.ts';
import { type Client, postRequest } from './client.ts';
import { type Series, seriesOf } from './figures.ts';
import { clientOf, startHubChild } from './hub-child.ts';
import { HOUSEHOLD } from './in-process.ts';
import { type AskHub, acquiring, hold, openService, person, tokenIn, wait } from './lock-crowd.ts';
import { handOver, starvation, storm } from './lock-storms.ts';
import type { Place } from './place.ts';
import { heading, p50p99, row, target, times } from './table.ts';

const LOCKS = 10_000;
const WAITERS = 1_000;
const AT_MOST = 2;
const ROUNDS = 100;
const A_ROUND = 20;
/** Names are never forgotten, so they are taken again. */
const NAMES = 1_000;
const EVA = person('eva');

/** An acquire must not cost more because others hold and wait. */
export async function locks(place: Place): Promise<void> {
  heading(`Locks: acquire with ${LOCKS} live ones and ${WAITERS} waiters, in turns with an empty service (p50 / p99)`);
  report('decide and apply alone', ...(await inTurns(await pureService(0, 0), await pureService(LOCKS, WAITERS))));
  report(
    'in process, ledger on disk',
    ...(await inTurns(await service(place, 0, 0), await service(place, LOCKS, WAITERS))),
  );
  report('over HTTP', ...(await inTurns(await httpService(place, 0, 0), await httpService(place, LOCKS, WAITERS))));
  await handOver(place);
  await starvation(place);
  await storm(place);
}

/** Takes a free resource and gives it back; resolves with how long the first took. */
type Take = (i: number) => Promise<number>;

async function inTurns(empty: Take, full: Take): Promise<[Series, Series]> {
  const taken = { empty: [] as number[], full: [] as number[] };
  // The first ones compile the code.
  for (let i = 0; i < 200; i++) await Promise.all([empty(i), full(i)]);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < A_ROUND; i++) taken.empty.push(await empty(round * A_ROUND + i));
    for (let i = 0; i < A_ROUND; i++) taken.full.push(await full(round * A_ROUND + i));
  }
  return [seriesOf(taken.empty), seriesOf(taken.full)];
}

function report(what: string, empty: Series, full: Series): void {
  row(`${what}: empty`, figure(empty));
  row(`${what}: ${LOCKS} held`, figure(full));
  const ratio = full.p99 / empty.p99;
  target(`${what}: p99, held to empty`, times(ratio), `<= ${AT_MOST} x`, ratio <= AT_MOST);
}

/** Below a millisecond in microseconds. */
function figure(series: Series): string {
  const { p50, p99 } = series;
  return p99 < 1 ? `${(p50 * 1000).toFixed(1)} us / ${(p99 * 1000).toFixed(1)} us` : p50p99(series);
}

function taking(ask: AskHub): Take {
  return async (i) => {
    const resource = `free-${i % NAMES}`;
    const startMs = performance.now();
    const token = tokenIn(await ask(acquiring(resource, EVA)));
    const takenMs = performance.now() - startMs;
    await ask({ kind: 'release_lock', resource, token, reason: null, who: EVA });
    return takenMs;
  };
}

/** The rules and the state, without queue or disk. */
async function pureService(held: number, waiting: number): Promise<Take> {
  const state = emptyState();
  const ask = async (input: Input): Promise<Answer> => {
    const { events, reply } = decide(draftOf(state), input, { upMs: Math.floor(performance.now()), wallMs: 0 });
    for (const event of events) apply(state, event);
    return reply.kind === 'answered' ? reply.answer : new Promise(() => undefined);
  };
  await ask({ kind: 'configure', household: HOUSEHOLD, bootId: 'bench' });
  await hold(ask, held);
  await wait(ask, waiting);
  return taking(ask);
}

async function service(place: Place, held: number, waiting: number): Promise<Take> {
  const { ask } = await openService(place);
  await hold(ask, held);
  await wait(ask, waiting);
  return taking(ask);
}

async function httpService(place: Place, held: number, waiting: number): Promise<Take> {
  const { url, token } = await startHubChild(place, { locks: held, lockWaiters: waiting });
  const client = await clientOf(place, url);
  return (i) => takeOverHttp(client, `free-${i % NAMES}`, token);
}

async function takeOverHttp(client: Client, resource: string, token: string): Promise<number> {
  const path = `/api/locks/${resource}`;
  const acquire = postRequest(`${path}/acquire`, { mode: 'exclusive', ttl_ms: 86_400_000 }, token);
  const startMs = performance.now();
  const { body } = await client.demand(acquire);
  const takenMs = performance.now() - startMs;
  const fence = Number(/"fencing_token":(\d+)/.exec(body)?.[1]);
  await client.demand(postRequest(`${path}/release`, { fencing_token: fence }, token));
  return takenMs;
}
