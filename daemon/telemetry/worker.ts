import { flushCompileCache } from 'node:module';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { asTelemetryError } from './errors.ts';
import { Keeper } from './keeper.ts';
import { packPoints, packRevised } from './packed.ts';
import type { CallName, Calls, FromWorker, ToWorker, WorkerSettings } from './protocol.ts';

/** The thread of the power history: one call at a time. Started by client.ts; no call takes long (limits.ts). */

type Desk = { [K in CallName]: (take: Calls[K]['take']) => Calls[K]['give'] };

function deskOf(keeper: Keeper): Desk {
  return {
    write: (minutes) => nothing(() => keeper.write(minutes)),
    flush: () => nothing(() => keeper.flush()),
    tidy: (wallMs) => keeper.tidy(wallMs),
    power: (query) => keeper.ask(({ queries }) => packPoints(queries.power(query))),
    energy: (query) => keeper.ask(({ energy }) => energy.energy(query)),
    rowsAfter: ({ rev, limit }) => keeper.ask(({ store }) => packRevised(store.rowsAfter(rev, limit))),
    cursor: () => keeper.ask(({ store }) => store.cursor()),
    saveCursor: (cursor) => nothing(() => keeper.change((store) => store.saveCursor(cursor))),
    close: () => nothing(() => keeper.close()),
  };
}

function nothing(work: () => void): null {
  work();
  return null;
}

function answerTo(desk: Desk, { id, call, take }: ToWorker): FromWorker {
  try {
    const work = desk[call] as (take: unknown) => unknown;
    return { kind: 'done', id, give: work(take) };
  } catch (error) {
    const { code, what } = asTelemetryError(error, `the power history cannot answer ${call}`);
    return { kind: 'refused', id, failure: { code, what } };
  }
}

function run(port: MessagePort, settings: WorkerSettings): void {
  const post = (message: FromWorker) => port.postMessage(message);
  const keeper = new Keeper({
    ...settings,
    onWord: (what) => post({ kind: 'word', what }),
  });
  const desk = deskOf(keeper);
  let told = '';
  const tellStanding = () => {
    const { store, condition } = keeper;
    const standing = { origin: store?.origin ?? null, lastRev: store?.lastRev ?? 0, condition };
    const text = JSON.stringify(standing);
    if (text !== told) post({ kind: 'standing', standing });
    told = text;
  };
  port.on('message', (message: ToWorker) => {
    const answer = answerTo(desk, message);
    if (message.call !== 'close') tellStanding();
    post(answer);
    if (message.call === 'close') port.close();
  });
  tellStanding();
  post({ kind: 'opened', counted: [...(keeper.store?.sources.counted ?? [])] });
  flushCompileCache(); // now: a hub that is killed would never leave one for its next start
}

if (parentPort !== null) run(parentPort, workerData as WorkerSettings);
