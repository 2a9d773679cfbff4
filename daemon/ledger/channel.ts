import type { Worker } from 'node:worker_threads';
import type { Event } from '../core/events.ts';
import { eventOf, type Row } from './chain.ts';
import { asLedgerError, LedgerError } from './errors.ts';
import { MAX_WAITING_CALLS } from './limits.ts';
import type { Call, Failure, FromWorker, ToWorker } from './protocol.ts';
import type { Room } from './room.ts';
import type { Opening } from './store.ts';

/** What the worker found, once all of it came over. */
export interface Found {
  readonly opening: Opening;
  readonly tail: readonly Event[];
}

interface Waiting {
  resolve(rows: readonly Row[]): void;
  reject(error: LedgerError): void;
}

function revived({ code, what }: Failure): LedgerError {
  return new LedgerError(code, what);
}

/** Calls to the worker and its answers. When the thread is lost, so is every call: nobody waits for ever. */
export class Channel {
  readonly #worker: Worker;
  readonly #found: PromiseWithResolvers<Found> = Promise.withResolvers();
  readonly #broken: PromiseWithResolvers<LedgerError> = Promise.withResolvers();
  readonly #exited: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #waiting = new Map<number, Waiting>();
  #arriving: { opening: Opening; tail: Event[] } | null = null;
  #lost: LedgerError | null = null;
  #lastId = 0;
  #room: Room = 'ok';

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('messageerror', (error) => {
      this.#lose(asLedgerError(error, 'the ledger thread sent nonsense'));
      void worker.terminate(); // lost for us, so it must not keep the lock
    });
    worker.on('error', (error) => this.#lose(asLedgerError(error, 'the ledger thread broke')));
    worker.on('exit', () => {
      this.#lose(new LedgerError('ledger_failed', 'the ledger thread ended unasked'));
      this.#exited.resolve();
    });
  }

  get room(): Room {
    return this.#room;
  }

  /** Resolves when the thread is lost unasked: nothing will be recorded any more before a new start. */
  get broken(): Promise<LedgerError> {
    return this.#broken.promise;
  }

  found(): Promise<Found> {
    return this.#found.promise;
  }

  call(call: Call): Promise<readonly Row[]> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    if (this.#waiting.size >= MAX_WAITING_CALLS) {
      return Promise.reject(new LedgerError('ledger_failed', `${MAX_WAITING_CALLS} calls wait for the ledger already`));
    }
    return this.#send(call);
  }

  /** Calls made before are answered first; those made after are refused. */
  async close(): Promise<void> {
    if (this.#lost === null) {
      const answer = this.#send({ call: 'close' });
      this.#lost = new LedgerError('ledger_closed', 'the ledger is closed');
      await answer;
    }
    await this.#exited.promise;
  }

  #send(call: Call): Promise<readonly Row[]> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      try {
        this.#worker.postMessage({ ...call, id } satisfies ToWorker);
        this.#waiting.set(id, { resolve, reject });
      } catch (error) {
        reject(asLedgerError(error, 'the ledger thread cannot be told'));
      }
    });
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'opened':
        this.#arriving = { opening: message.opening, tail: [] };
        return;
      case 'tail':
        return this.#addTail(message.rows);
      case 'ready':
        if (this.#arriving !== null) this.#found.resolve(this.#arriving);
        this.#arriving = null;
        return;
      case 'failed':
        return this.#lose(revived(message.failure));
      case 'room':
        this.#room = message.room;
        return;
      case 'done':
        return this.#take(message.id)?.resolve(message.rows);
      case 'refused':
        return this.#take(message.id)?.reject(revived(message.failure));
    }
  }

  #addTail(rows: readonly Row[]): void {
    try {
      for (const row of rows) this.#arriving?.tail.push(eventOf(row));
    } catch (error) {
      this.#lose(asLedgerError(error, 'the ledger could not be read'));
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  /** The first reason stays: what follows (the exit) is its consequence. */
  #lose(reason: LedgerError): void {
    if (this.#lost === null) this.#broken.resolve(reason);
    this.#lost ??= reason;
    this.#found.reject(this.#lost);
    for (const { reject } of this.#waiting.values()) reject(this.#lost);
    this.#waiting.clear();
  }
}
