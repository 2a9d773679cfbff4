import { parentPort, Worker, workerData } from 'node:worker_threads';
import { Client, toggles } from './client.ts';
import { type Series, seriesOf } from './figures.ts';

/** So many callers over HTTP in a thread of their own: who else asks the hub meanwhile does not wait behind them. */

interface Crowd {
  readonly url: string;
  readonly token: string;
  readonly callers: number;
  readonly forMs: number;
}

export interface Served {
  readonly perSecond: number;
  readonly ms: Series;
}

export function crowd(asked: Crowd): Promise<Served> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: asked });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** Each with its own load and connection, asking again as soon as it was answered. */
async function serve({ url, token, callers, forMs }: Crowd): Promise<Served> {
  const clients = await Promise.all(Array.from({ length: callers }, () => Client.open(url)));
  const takenMs: number[] = [];
  const startMs = performance.now();
  const toggling = async (client: Client, requestOf: (i: number) => Buffer) => {
    for (let i = 0, nowMs = performance.now(); nowMs < startMs + forMs; i++) {
      await client.demand(requestOf(i));
      const thenMs = nowMs;
      nowMs = performance.now();
      takenMs.push(nowMs - thenMs);
    }
  };
  await Promise.all(clients.map((client, i) => toggling(client, toggles(`load-${i}`, token))));
  const perSecond = (takenMs.length * 1000) / (performance.now() - startMs);
  for (const client of clients) client.close();
  return { perSecond, ms: seriesOf(takenMs) };
}

if (parentPort !== null) parentPort.postMessage(await serve(workerData as Crowd));
