import type { PowerRow, Resolution, RevisedRow } from '../core/power.ts';

/** What a meter said. */
export interface Reading {
  readonly powerMw: number;
  readonly voltageMv?: number | null;
  /** The device's counters, imported and exported; absent where it has none. */
  readonly energyMwh?: number | null;
  readonly exportMwh?: number | null;
  readonly atUpMs: number;
  readonly atWallMs: number;
}

/** What a counter stood at when it was last booked: kept with the rows, so that energy is exact over gaps and crashes. */
export interface Counted {
  readonly energyMwh: number;
  readonly exportMwh: number;
  readonly atWallMs: number;
  /** Booked by power since then, in mW x ms. */
  readonly bookedMwMs: number;
  /** Less than a milliwatt-hour that no row has yet, in mW x ms. */
  readonly restMwMs: number;
}

/** Finished minutes, and what the counters of their sources stood at when the last of them ended. */
export interface Minutes {
  readonly rows: readonly PowerRow[];
  readonly counted: readonly (readonly [source: string, counted: Counted])[];
}

export interface PowerQuery {
  /** `house`, `circuit:<id>`, `appliance:<id>`, or all of them. */
  readonly source: string | 'all';
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** No finer than this; coarser where the points would be too many, or finer rows are no longer kept. */
  readonly resolution: Resolution | 'auto';
  /** Of all sources together; 2,000 at most. */
  readonly maxPoints?: number;
}

/** One row or several neighbours. `coveredMs` below `spanMs`: a part of it was not heard. */
export interface PowerPoint extends PowerRow {
  readonly spanMs: number;
}

export interface EnergyQuery {
  /** All sources when absent. */
  readonly source?: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly group: 'none' | 'hour' | 'day' | 'month';
}

export interface EnergyRow {
  readonly source: string;
  /** Of the hour, day or month; of the query where nothing groups. */
  readonly startMs: number;
  readonly energyMwh: number;
  readonly coveredMs: number;
  readonly isEstimated: boolean;
}

/** How far a replication came: of the ledger named by its origin, and of this history. */
export interface ReplicationCursor {
  readonly origin: string;
  readonly seq: number;
  readonly rev: number;
}

/** `full`: the disk takes nothing; `failed`: for another reason. Both are tried again with every batch. */
export interface Condition {
  readonly state: 'ok' | 'full' | 'failed';
  readonly what: string | null;
}

export interface TelemetryHandle {
  /** What counters stood at is known then. Never rejects. */
  readonly opened: Promise<void>;
  readonly condition: Condition;
  /** Names the file: revs are of it. Null before it is opened, and while it cannot be. */
  readonly origin: string | null;
  /** As of the last batch on the disk. */
  lastRev(): number;
  counted(): ReadonlyMap<string, Counted>;
  /** Shown in answers at once, on the disk with the next `flush`. Never rejects: `condition` says what is wrong. */
  write(minutes: Minutes): Promise<void>;
  flush(): Promise<void>;
  /** By source, then by time. */
  power(query: PowerQuery): Promise<PowerPoint[]>;
  energy(query: EnergyQuery): Promise<EnergyRow[]>;
  /** Rows on the disk with a higher rev, in its order. */
  rowsAfter(rev: number, limit: number): Promise<{ readonly rows: RevisedRow[] }>;
  cursor(): Promise<ReplicationCursor | null>;
  /** On the disk with the next `flush`: a crash between is a harmless repetition. */
  saveCursor(cursor: ReplicationCursor): Promise<void>;
  close(): Promise<void>;
}
