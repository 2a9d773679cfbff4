import { existsSync, renameSync, rmSync } from 'node:fs';
import { Calendar } from './calendar.ts';
import { Energy } from './energy.ts';
import { asTelemetryError, TelemetryError } from './errors.ts';
import { MAX_BACKLOG_ROWS, MAX_MOVED_ASIDE } from './limits.ts';
import type { Condition, Minutes } from './port.ts';
import { Queries } from './queries.ts';
import { type Continued, TelemetryStore } from './store.ts';
import { tidy } from './tidy.ts';

export interface KeeperParts {
  readonly path: string;
  readonly timezone: string;
  /** Rows that wait for a disk that takes nothing; as in limits.ts when absent. */
  readonly maxBacklogRows?: number;
  /** For the log: what was damaged, dropped or begun anew. */
  readonly onWord: (what: string) => void;
}

interface Opened {
  readonly store: TelemetryStore;
  readonly queries: Queries;
  readonly energy: Energy;
}

/** Keeps a history whatever its file does: a damaged one is moved aside, a full disk is waited for, what waits is bounded. */
export class Keeper {
  readonly #parts: KeeperParts;
  readonly #calendar: Calendar;
  #opened: Opened | null = null;
  /** What is not on the disk yet; the first so many of it are in the open batch. */
  #backlog: Minutes[] = [];
  #backlogRows = 0;
  #applied = 0;
  #continued: Continued | null = null;
  #failure: TelemetryError | null = null;
  #dropped = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#calendar = new Calendar(parts.timezone);
    this.#guarded('the power history cannot be opened', () => this.#open());
  }

  get condition(): Condition {
    const failure = this.#failure;
    if (failure === null) return { state: 'ok', what: null };
    const state = failure.code === 'telemetry_full' ? 'full' : 'failed';
    return { state, what: `${failure.what}: ${failure.advice}` };
  }

  /** Null while the file cannot be opened. */
  get store(): TelemetryStore | null {
    return this.#opened?.store ?? null;
  }

  write(minutes: Minutes): void {
    this.#keep(minutes);
    if (this.#failure === null) this.#guarded('the power history cannot be written', () => this.#apply());
  }

  /** The open batch to the disk; what failed before is tried again. */
  flush(): void {
    this.#guarded('the power history cannot be written', () => {
      this.#apply();
      this.#open().store.commit();
      this.#backlog = [];
      this.#backlogRows = 0;
      this.#applied = 0;
      if (this.#dropped > 0) this.#parts.onWord(`${this.#dropped} rows of the power history were dropped meanwhile`);
      this.#dropped = 0;
      this.#failure = null;
    });
  }

  /** True while there is more to do. */
  tidy(wallMs: number | null): boolean {
    if (this.#failure !== null) return false;
    return this.#guarded('the power history cannot be tidied', () => tidy(this.#open().store.db, wallMs)) ?? false;
  }

  /** Throws a TelemetryError where there is nothing to read, or it is damaged. */
  ask<T>(work: (opened: Opened) => T): T {
    try {
      if (this.#opened === null)
        throw this.#failure ?? new TelemetryError('telemetry_failed', 'there is no power history');
      return work(this.#opened);
    } catch (error) {
      const failure = asTelemetryError(error, 'the power history cannot be read');
      if (failure.code === 'telemetry_corrupt') this.#failed(failure);
      throw failure;
    }
  }

  /** Within the open batch: on the disk with the next flush. */
  change(work: (store: TelemetryStore) => void): void {
    try {
      const { store } = this.#open();
      store.begin();
      work(store);
    } catch (error) {
      const failure = asTelemetryError(error, 'the power history cannot be written');
      this.#failed(failure);
      throw failure;
    }
  }

  close(): void {
    this.flush();
    this.#opened?.store.close();
    this.#opened = null;
  }

  #open(): Opened {
    if (this.#opened !== null) return this.#opened;
    const { path, timezone } = this.#parts;
    const store = new TelemetryStore(path, this.#calendar, timezone, this.#continued);
    this.#continued = null;
    const { db, sources } = store;
    const parts = { db, sources, calendar: this.#calendar, keptFrom: store.keptFrom.bind(store) };
    this.#opened = { store, queries: new Queries(parts), energy: new Energy(parts) };
    return this.#opened;
  }

  #keep(minutes: Minutes): void {
    this.#backlog.push(minutes);
    this.#backlogRows += minutes.rows.length;
    const { maxBacklogRows = MAX_BACKLOG_ROWS } = this.#parts;
    // What is in the open batch already is on its way to the disk.
    while (this.#backlogRows > maxBacklogRows && this.#backlog.length > 1 && this.#applied === 0) {
      const rows = this.#backlog.shift()?.rows.length ?? 0;
      this.#backlogRows -= rows;
      this.#dropped += rows;
    }
  }

  #apply(): void {
    const { store } = this.#open();
    store.begin();
    for (; this.#applied < this.#backlog.length; this.#applied += 1) {
      const minutes = this.#backlog[this.#applied];
      if (minutes !== undefined) store.apply(minutes);
    }
  }

  #guarded<T>(doing: string, work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      this.#failed(asTelemetryError(error, doing));
      return null;
    }
  }

  /** Nothing of the open batch counts as written; the next flush tries again. */
  #failed(failure: TelemetryError): void {
    this.#applied = 0;
    try {
      this.#opened?.store.rollback();
    } catch {
      this.#closeQuietly(); // it cannot even be read: opened anew with the next flush
    }
    if (failure.code === 'telemetry_corrupt') return this.#replace(failure);
    this.#failure = failure;
  }

  #replace(failure: TelemetryError): void {
    this.#closeQuietly();
    try {
      const aside = moveAside(this.#parts.path);
      this.#parts.onWord(`the power history was damaged (${failure.what}): moved to ${aside}, a new one is begun`);
      this.#open();
    } catch (error) {
      this.#failure = asTelemetryError(error, 'a damaged power history cannot be replaced');
    }
  }

  #closeQuietly(): void {
    const opened = this.#opened;
    if (opened !== null) this.#continued = { origin: opened.store.origin, rev: opened.store.lastRev };
    this.#opened = null;
    try {
      opened?.store.close();
    } catch {
      // A file that cannot be read may not close well, either; what was in it is moved aside as it is.
    }
  }
}

/** With its write-ahead log, so that somebody may still read what can be read. The last place is taken again and again. */
function moveAside(path: string): string {
  const places = Array.from({ length: MAX_MOVED_ASIDE }, (_, i) => `${path}.damaged-${i + 1}`);
  const place = places.find((one) => !existsSync(one)) ?? `${path}.damaged-${MAX_MOVED_ASIDE}`;
  for (const ending of ['', '-wal']) {
    rmSync(`${place}${ending}`, { force: true });
    if (existsSync(`${path}${ending}`)) renameSync(`${path}${ending}`, `${place}${ending}`);
  }
  rmSync(`${path}-shm`, { force: true });
  return place;
}
