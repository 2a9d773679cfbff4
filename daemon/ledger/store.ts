import type { Database } from 'better-sqlite3';
import type { Event } from '../core/events.ts';
import { type ChainedRow, eventOf, type Row } from './chain.ts';
import { connect } from './connection.ts';
import { asLedgerError, LedgerError } from './errors.ts';
import { Journal, type Tip } from './journal.ts';
import { readRestoredFrom } from './restored.ts';
import { type Room, RoomKeeper } from './room.ts';
import { type Snapshot, Snapshots } from './snapshots.ts';
import { type StartOptions, start } from './start.ts';
import type { Stored } from './stored.ts';

export interface StoreOptions extends StartOptions {
  /** Runs inside each append's transaction, before its COMMIT: for tests and benchmarks that need a slow disk. */
  readonly beforeCommit?: () => void;
}

/** What a start learns before it reads the events after the snapshot. */
export interface Opening extends Omit<Stored, 'tail'> {
  /** Snapshots that were damaged and passed over. */
  readonly damaged: readonly number[];
}

/**
 * The ledger, synchronously, over one connection. The hub runs it in a worker thread (worker.ts); the simulation and
 * tools run it as it is, over ':memory:' or over a database that outlives the hub it "kills".
 */
export class LedgerStore {
  readonly origin: string;
  readonly #db: Database;
  readonly #ownsDb: boolean;
  readonly #journal: Journal;
  readonly #snapshots: Snapshots;
  readonly #room: RoomKeeper | null;
  readonly #insert: (events: readonly Event[]) => Tip;
  #isClosed = false;
  /** The highest uptime of all events; null until it was asked for. */
  #upMs: number | null = null;

  /** Opens, creates or migrates. A `Database` that is handed in stays the caller's: close() leaves it open. */
  constructor(where: string | Database, options: StoreOptions) {
    this.#ownsDb = typeof where === 'string';
    this.#db = connect(where);
    try {
      this.origin = start(this.#db, options);
      this.#journal = new Journal(this.#db, options.bootId);
      this.#snapshots = new Snapshots(this.#db);
      this.#room = options.reserve === undefined ? null : new RoomKeeper(options.reserve);
    } catch (error) {
      if (this.#ownsDb) this.#db.close();
      throw asLedgerError(error, 'cannot open the ledger');
    }
    this.#insert = this.#transaction(options.beforeCommit);
  }

  #transaction(beforeCommit: () => void = () => {}): (events: readonly Event[]) => Tip {
    const insert = this.#db.transaction((events: readonly Event[]) => {
      const tip = this.#journal.insert(events);
      beforeCommit();
      return tip;
    });
    return (events) => insert.immediate(events);
  }

  get lastSeq(): number {
    return this.#journal.lastSeq;
  }

  /** How much room the disk has for it; always `ok` without a reserve. */
  get room(): Room {
    return this.#room?.state ?? 'ok';
  }

  /** One transaction, all or nothing. Durable when it returns. */
  append(events: readonly Event[]): void {
    this.#guarded('the events could not be recorded', () => {
      if (events.length === 0) return;
      this.#room?.admit(events);
      this.#commit(events);
    });
  }

  #commit(events: readonly Event[]): void {
    try {
      this.#journal.advance(this.#insert(events));
    } catch (error) {
      const failure = asLedgerError(error, 'the events could not be recorded');
      if (failure.code !== 'ledger_full' || this.#room?.ranOut(events) !== true) throw failure;
      return this.#commit(events); // once: the reserve is gone now
    }
    this.#room?.committed();
    if (this.#upMs !== null) this.#upMs = events.reduce((highest, { upMs }) => Math.max(highest, upMs), this.#upMs);
  }

  /** Events after `afterSeq`, oldest first, at most 1,000. */
  read(afterSeq: number, limit: number): Event[] {
    return this.readRows(afterSeq, limit).map(eventOf);
  }

  /** The same as rows: a quarter of the cost when they go to another thread, which then parses them. */
  readRows(afterSeq: number, limit: number): Row[] {
    return this.#guarded('the ledger could not be read', () => this.#journal.read(afterSeq, limit));
  }

  /** Unparsed, with their hashes: a page of bounded size, for who copies the ledger on. */
  readPage(afterSeq: number, limit: number): ChainedRow[] {
    return this.#guarded('the ledger could not be read', () => this.#journal.page(afterSeq, limit));
  }

  /** The newest whole snapshot and the events after it, held against the hash chain. */
  load(): Stored {
    const { damaged: _, ...opening } = this.opening();
    return { ...opening, tail: [...this.pagesAfter(opening.snapshot?.seq ?? 0)].flat().map(eventOf) };
  }

  /** `load()` without the events, which `pagesAfter` gives bit by bit. */
  opening(): Opening {
    return this.#guarded('the ledger could not be read', () => {
      const damaged: number[] = [];
      const found = this.#newestSnapshot((seq) => damaged.push(seq));
      const snapshot = found && { seq: found.seq, state: found.state };
      const lastUpMs = this.#highestUpMs(found);
      const restoredFrom = readRestoredFrom(this.#db);
      return { origin: this.origin, restoredFrom, snapshot, lastUpMs, lastSeq: this.lastSeq, damaged };
    });
  }

  /** Pages of verified rows; `ledger_corrupt` where the chain is broken. */
  *pagesAfter(seq: number): Generator<Row[], void> {
    yield* this.#guardedSteps('the ledger could not be read', () => this.#journal.walk(seq));
  }

  /** The whole file and the whole chain from the first event. Returns how many events there are. */
  verify(): number {
    return this.#guarded('the ledger could not be verified', () => {
      const found = this.#db.pragma('integrity_check(1)', { simple: true });
      if (found !== 'ok') throw new LedgerError('ledger_corrupt', `the ledger file is damaged: ${found}`);
      let events = 0;
      for (const page of this.#journal.walk(0)) events += page.length;
      return events;
    });
  }

  saveSnapshot(seq: number, state: string): void {
    for (const _ of this.snapshotSteps(seq, state));
  }

  /** The same in steps, so that appends come in between. The two newest are kept. */
  *snapshotSteps(seq: number, state: string): Generator<void, void> {
    const doing = `the snapshot at event ${seq} could not be written`;
    yield* this.#guardedSteps(doing, () => {
      if (this.room !== 'ok') throw new LedgerError('ledger_full', `${doing}: the disk is full`);
      const event = this.#journal.hashAt(seq);
      if (event === null) throw new LedgerError('ledger_failed', `${doing}: there is no such event`);
      const up_ms = this.#upMs ?? this.#highestUpMs(this.#newestSnapshot(() => {}));
      return this.#snapshots.write({ seq, up_ms, event }, state);
    });
  }

  #newestSnapshot(damaged: (seq: number) => void): Snapshot | null {
    return this.#snapshots.newest((seq) => this.#journal.hashAt(seq), damaged);
  }

  #highestUpMs(snapshot: Snapshot | null): number {
    this.#upMs = Math.max(snapshot?.upMs ?? 0, this.#journal.highestUpMs(snapshot?.seq ?? 0));
    return this.#upMs;
  }

  /** Steps that bring a missing reserve back, where there is room; null when there is nothing to do. */
  refill(): Generator<void, void> | null {
    return this.#room?.refill() ?? null;
  }

  /** Moves the write-ahead log into the file. Harmless when repeated. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#db.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // A full disk: nothing is lost, the next start reads the log.
    }
    if (this.#ownsDb) this.#db.close();
  }

  #guarded<T>(doing: string, work: () => T): T {
    if (this.#isClosed) throw new LedgerError('ledger_closed', 'the ledger is closed');
    try {
      return work();
    } catch (error) {
      throw asLedgerError(error, doing);
    }
  }

  *#guardedSteps<T>(doing: string, begin: () => Generator<T, void>): Generator<T, void> {
    const steps = this.#guarded(doing, begin);
    try {
      yield* steps;
    } catch (error) {
      throw asLedgerError(error, doing);
    }
  }
}
