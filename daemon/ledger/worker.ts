import { randomUUID } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Row } from './chain.ts';
import { asLedgerError, LedgerError } from './errors.ts';
import { MAX_WAITING_SNAPSHOTS } from './limits.ts';
import type { Failure, FromWorker, ToWorker, WorkerSettings } from './protocol.ts';
import { Reserve } from './reserve.ts';
import type { Room } from './room.ts';
import { LedgerStore } from './store.ts';

/** The ledger's thread: the only writer. Started by client.ts; imports little, to be up early and to stay small. */

interface SnapshotJob {
  readonly id: number;
  readonly steps: Generator<void, void>;
}

function failureOf(error: unknown): Failure {
  const { code, what } = asLedgerError(error, 'the ledger');
  return { code, what };
}

class LedgerThread {
  readonly #port: MessagePort;
  readonly #store: LedgerStore;
  readonly #snapshots: SnapshotJob[] = [];
  #refill: Generator<void, void> | null = null;
  #isScheduled = false;
  #toldRoom: Room = 'ok';

  constructor(port: MessagePort, store: LedgerStore) {
    this.#port = port;
    this.#store = store;
  }

  #post(message: FromWorker): void {
    this.#port.postMessage(message);
  }

  begin(): void {
    const opening = this.#store.opening();
    this.#post({ kind: 'opened', opening });
    for (const rows of this.#store.pagesAfter(opening.snapshot?.seq ?? 0)) this.#post({ kind: 'tail', rows });
    this.#port.on('message', (message: ToWorker) => this.#handle(message));
    this.#lookAfterRoom();
    this.#post({ kind: 'ready' });
    flushCompileCache(); // now: a hub that is killed would never leave one for its next start
  }

  #handle(message: ToWorker): void {
    switch (message.call) {
      case 'append':
        this.#do(message.id, () => this.#store.append(message.events));
        return this.#lookAfterRoom();
      case 'read':
        return this.#answer(message.id, () => this.#store.readRows(message.afterSeq, message.limit));
      case 'page':
        return this.#answer(message.id, () => this.#store.readPage(message.afterSeq, message.limit));
      case 'snapshot':
        return this.#beginSnapshot(message.id, message.seq, message.state);
      case 'close':
        return this.#close(message.id);
    }
  }

  #answer(id: number, work: () => Row[]): void {
    const answer = this.#outcome(id, work);
    this.#tellRoom(); // first: whoever reads a refusal finds the room that goes with it
    this.#post(answer);
  }

  #outcome(id: number, work: () => Row[]): FromWorker {
    try {
      return { kind: 'done', id, rows: work() };
    } catch (error) {
      return { kind: 'refused', id, failure: failureOf(error) };
    }
  }

  #do(id: number, work: () => void): void {
    this.#answer(id, () => {
      work();
      return [];
    });
  }

  /** Few wait, for a state may be many MB: the next snapshot comes soon enough. */
  #beginSnapshot(id: number, seq: number, state: string): void {
    if (this.#snapshots.length >= MAX_WAITING_SNAPSHOTS) {
      const busy = new LedgerError('ledger_failed', `the snapshot at event ${seq} came while others are being written`);
      return this.#post({ kind: 'refused', id, failure: failureOf(busy) });
    }
    this.#snapshots.push({ id, steps: this.#store.snapshotSteps(seq, state) });
    this.#schedule();
  }

  /** Work in the background takes one step a turn, so that a commit waits for one step at most. */
  #schedule(): void {
    if (this.#isScheduled || (this.#snapshots.length === 0 && this.#refill === null)) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const [snapshot] = this.#snapshots;
      if (snapshot !== undefined) this.#stepSnapshot(snapshot);
      else if (this.#refill !== null) this.#stepRefill(this.#refill);
      this.#schedule();
    });
  }

  #stepSnapshot({ id, steps }: SnapshotJob): void {
    let isDone = true;
    try {
      isDone = steps.next().done === true;
      if (isDone) this.#post({ kind: 'done', id, rows: [] });
    } catch (error) {
      this.#post({ kind: 'refused', id, failure: failureOf(error) });
    }
    if (isDone) this.#snapshots.shift();
  }

  #stepRefill(steps: Generator<void, void>): void {
    let isDone = true;
    try {
      isDone = steps.next().done === true;
    } catch {
      // The disk filled up again meanwhile; the room stays `low` and the next append tries again.
    }
    if (isDone) this.#refill = null;
    this.#tellRoom();
  }

  #lookAfterRoom(): void {
    this.#refill ??= this.#store.refill();
    this.#tellRoom();
    this.#schedule();
  }

  #tellRoom(): void {
    if (this.#store.room === this.#toldRoom) return;
    this.#toldRoom = this.#store.room;
    this.#post({ kind: 'room', room: this.#toldRoom });
  }

  /** What was asked before is finished; the reserve can wait for the next start. */
  #close(id: number): void {
    for (let [job] = this.#snapshots; job !== undefined; [job] = this.#snapshots) this.#stepSnapshot(job);
    this.#refill?.return();
    this.#do(id, () => this.#store.close());
    this.#port.close();
  }
}

/** A slow disk, for tests and benchmarks: blocks this thread inside the transaction, as an fsync would. */
function slowness(commitDelayMs: number): { beforeCommit?: () => void } {
  if (commitDelayMs <= 0) return {};
  const never = new Int32Array(new SharedArrayBuffer(4));
  return { beforeCommit: () => void Atomics.wait(never, 0, 0, commitDelayMs) };
}

function run(port: MessagePort, { dataDir, bootId, commitDelayMs }: WorkerSettings): void {
  try {
    const reserve = new Reserve(join(dataDir, 'ledger.reserve'));
    const options = { bootId, newOrigin: randomUUID, reserve, ...slowness(commitDelayMs) };
    new LedgerThread(port, new LedgerStore(join(dataDir, 'ledger.db'), options)).begin();
  } catch (error) {
    port.postMessage({ kind: 'failed', failure: failureOf(error) } satisfies FromWorker);
    port.close();
  }
}

if (parentPort !== null) run(parentPort, workerData as WorkerSettings);
