import { getCompileCacheDir } from 'node:module';
import { dirname, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Event } from '../core/events.ts';
import { type ChainedRow, eventOf, type Row } from './chain.ts';
import { Channel, type Found } from './channel.ts';
import { LedgerError } from './errors.ts';
import { MAX_WAITING_CALLS } from './limits.ts';
import type { Call, WorkerSettings } from './protocol.ts';
import type { Room } from './room.ts';
import type { LedgerHandle, LedgerRow, Stored } from './stored.ts';

export interface OpenOptions {
  /** Created with mode 0700 when missing. */
  readonly dataDir: string;
  /** Of this start of the hub; stands in every row it writes. */
  readonly bootId: string;
  /** Tests and benchmarks only: each commit takes this much longer, inside the worker. */
  readonly commitDelayMs?: number;
}

export interface OpenLedger extends LedgerHandle {
  /** Other than `ok`: the disk is full, and ONs are refused with `ledger_full`. */
  readonly room: Room;
  /** Snapshots (by seq) that were damaged and passed over at this start. */
  readonly damaged: readonly number[];
  /** Resolves when the thread is lost unasked: the hub cannot record anything any more and has to be started anew. */
  readonly lost: Promise<LedgerError>;
  /** Empties `stored`, which may be many MB, once the hub has replayed it. */
  forgetStored(): void;
}

/** Room for a page of events and for one snapshot of the largest size, as text and as bytes. */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };

/**
 * The environment stays behind but for the compile cache, which a thread finds only there: without it the thread
 * loads the TypeScript stripper for itself (18 MB and 70 ms, measured).
 */
export function startWorker(options: OpenOptions): Worker {
  const settings: WorkerSettings = { commitDelayMs: 0, ...options, dataDir: resolve(options.dataDir) };
  const cache = getCompileCacheDir();
  return new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'ledger',
    workerData: settings,
    env: cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) },
    execArgv: [],
    resourceLimits: HEAP,
  });
}

/** A Buffer arrives from a thread as plain bytes. */
function ledgerRow(row: Row | ChainedRow): LedgerRow {
  if (!('hash' in row)) throw new LedgerError('ledger_failed', `event ${row.seq} came without its hash`);
  const { seq, wall_ms: wallMs, up_ms: upMs, boot_id: bootId, kind, who, appliance, body } = row;
  return { seq, wallMs, upMs, bootId, kind, who, appliance, body, hash: Buffer.from(row.hash) };
}

/** The ledger in its thread, as the hub's main thread sees it. */
class ThreadedLedger implements OpenLedger {
  readonly damaged: readonly number[];
  readonly #channel: Channel;
  #stored: Stored;
  /** Reads go one at a time, so that an append waits for one of them at most. */
  #lastRead: Promise<unknown> = Promise.resolve();
  #waitingReads = 0;
  #closed: Promise<void> | null = null;

  constructor(channel: Channel, found: Found) {
    const { damaged, ...opening } = found.opening;
    this.#channel = channel;
    this.damaged = damaged;
    this.#stored = { ...opening, tail: found.tail };
  }

  get stored(): Stored {
    return this.#stored;
  }

  get room(): Room {
    return this.#channel.room;
  }

  get lost(): Promise<LedgerError> {
    return this.#channel.broken;
  }

  forgetStored(): void {
    this.#stored = { ...this.#stored, snapshot: null, tail: [] };
  }

  async append(events: readonly Event[]): Promise<void> {
    await this.#channel.call({ call: 'append', events });
  }

  async read(afterSeq: number, limit: number): Promise<Event[]> {
    return (await this.#inTurn({ call: 'read', afterSeq, limit })).map(eventOf);
  }

  async readRows(afterSeq: number, limit: number): Promise<LedgerRow[]> {
    return (await this.#inTurn({ call: 'page', afterSeq, limit })).map(ledgerRow);
  }

  async #inTurn(call: Call): Promise<readonly Row[]> {
    if (this.#waitingReads >= MAX_WAITING_CALLS) throw new LedgerError('ledger_failed', 'too many readers wait');
    this.#waitingReads += 1;
    const turn = this.#lastRead.then(() => this.#channel.call(call));
    this.#lastRead = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waitingReads -= 1;
    }
  }

  async saveSnapshot(seq: number, state: string): Promise<void> {
    await this.#channel.call({ call: 'snapshot', seq, state });
  }

  close(): Promise<void> {
    this.#closed ??= this.#channel.close();
    return this.#closed;
  }
}

/** Over a worker of `startWorker`; `openLedger` is what others want. */
export async function connectLedger(worker: Worker): Promise<OpenLedger> {
  const channel = new Channel(worker);
  return new ThreadedLedger(channel, await channel.found());
}

/**
 * Opens the ledger of a data directory in a thread of its own. Rejects with a LedgerError: `ledger_in_use`,
 * `ledger_corrupt`, `ledger_newer`, `ledger_full` or `ledger_failed`.
 */
export function openLedger(options: OpenOptions): Promise<OpenLedger> {
  return connectLedger(startWorker(options));
}
