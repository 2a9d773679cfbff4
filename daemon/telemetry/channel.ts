import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { asTelemetryError, TelemetryError } from './errors.ts';
import { MAX_WAITING_CALLS } from './limits.ts';
import type { Counted } from './port.ts';
import type { CallName, Calls, FromWorker, Standing, ToWorker, WorkerSettings } from './protocol.ts';

interface Waiting {
  resolve(give: unknown): void;
  reject(error: TelemetryError): void;
}

export interface Listener {
  standing(standing: Standing): void;
  word(what: string): void;
}

/** Rows of an answer, and the cache of SQLite beside them. */
const HEAP = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 4 };

/** One thread: calls to it and its answers. When it is lost, so is every call: nobody waits for ever. */
export class Channel {
  readonly opened: Promise<ReadonlyMap<string, Counted> | null>;
  readonly #worker: Worker;
  readonly #listener: Listener;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #found = Promise.withResolvers<ReadonlyMap<string, Counted> | null>();
  #lost: TelemetryError | null = null;
  #lastId = 0;

  constructor(settings: WorkerSettings, listener: Listener) {
    this.#listener = listener;
    this.opened = this.#found.promise;
    this.#worker = startWorker(settings);
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => this.#lose(asTelemetryError(error, 'the thread of the power history broke')));
    this.#worker.on('exit', () => {
      this.#lose(new TelemetryError('telemetry_failed', 'the thread of the power history ended unasked'));
      this.#exited.resolve();
    });
  }

  /** Null while it runs. */
  get lost(): TelemetryError | null {
    return this.#lost;
  }

  async call<K extends CallName>(call: K, take: Calls[K]['take']): Promise<Calls[K]['give']> {
    if (this.#lost !== null) throw this.#lost;
    if (this.#waiting.size >= MAX_WAITING_CALLS)
      throw new TelemetryError('telemetry_failed', `${MAX_WAITING_CALLS} calls wait for the power history already`);
    return (await this.#send(call, take)) as Calls[K]['give'];
  }

  /** Calls made before are answered first; those made after are refused. */
  async close(): Promise<void> {
    if (this.#lost === null) {
      const answer = this.#send('close', null);
      this.#lost = new TelemetryError('telemetry_closed', 'the power history is closed');
      await answer;
    }
    await this.#exited.promise;
  }

  #send(call: CallName, take: unknown): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#worker.postMessage({ id, call, take } satisfies ToWorker);
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'opened':
        return this.#found.resolve(new Map(message.counted));
      case 'standing':
        return this.#listener.standing(message.standing);
      case 'word':
        return this.#listener.word(message.what);
      case 'done':
        return this.#take(message.id)?.resolve(message.give);
      case 'refused':
        return this.#take(message.id)?.reject(new TelemetryError(message.failure.code, message.failure.what));
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #lose(reason: TelemetryError): void {
    this.#lost ??= reason;
    this.#found.resolve(null);
    for (const { reject } of this.#waiting.values()) reject(this.#lost);
    this.#waiting.clear();
  }
}

/** The environment stays behind but for the compile cache (see ../ledger/client.ts). */
function startWorker(settings: WorkerSettings): Worker {
  const cache = getCompileCacheDir();
  return new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'telemetry',
    workerData: settings,
    env: cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) },
    execArgv: [],
    resourceLimits: HEAP,
  });
}
