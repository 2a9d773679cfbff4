import type { PowerRow, Resolution } from '../core/power.ts';

/** What the HTTP edge needs of the power history and of its copy in Postgres. */

export interface PowerQuestion {
  readonly source: string | 'all';
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** No finer than this. */
  readonly resolution: Resolution | 'auto';
  /** Of all sources together. */
  readonly maxPoints: number;
}

export interface PowerPoint extends PowerRow {
  readonly spanMs: number;
}

export const GROUPS = ['none', 'hour', 'day', 'month'] as const;
export type Group = (typeof GROUPS)[number];

export interface EnergyQuestion {
  /** All when absent. */
  readonly source?: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly group: Group;
}

export interface EnergyTotal {
  readonly source: string;
  readonly startMs: number;
  /** Of the whole hour, day or month; a day of the hub's time zone may have 23 or 25 hours. */
  readonly spanMs: number;
  readonly energyMwh: number;
  readonly coveredMs: number;
  readonly isEstimated: boolean;
}

/** `opening`: not yet read. `full`, `failed`: nothing new is kept; what is kept can still be read as far as it goes. */
export interface HistoryState {
  readonly state: 'off' | 'opening' | 'ok' | 'full' | 'failed';
  /** What is wrong, and what to do. */
  readonly what: string | null;
  /** The newest write. */
  readonly rev: number;
}

/** The copy in Postgres. No secret is in it. */
export interface ReplicationState {
  readonly connected: boolean;
  /** Nothing is copied before somebody acted. */
  readonly alarmed: boolean;
  readonly lag_rows: number;
  readonly lag_s: number;
  readonly last_seq: number | null;
  readonly last_rev: number | null;
  readonly rows_sent: number;
  readonly batches_sent: number;
  readonly last_sent_at: string | null;
  readonly last_error: {
    readonly code: string;
    readonly detail: string;
    readonly advice: string;
    readonly at: string;
  } | null;
}

export interface HistoryPort {
  /** Where days begin. */
  readonly timezone: string;
  state(): HistoryState;
  /** By source, then by time. Rejects with a HistoryTrouble. */
  power(question: PowerQuestion): Promise<readonly PowerPoint[]>;
  /** By source, then by time. Rejects with a HistoryTrouble. */
  energy(question: EnergyQuestion): Promise<readonly EnergyTotal[]>;
  /** Null: nothing is copied. */
  replication(): ReplicationState | null;
}

/** Why there is no answer: `too_much` was asked for, or there is nothing to read now. */
export class HistoryTrouble extends Error {
  readonly kind: 'too_much' | 'unavailable';

  constructor(kind: HistoryTrouble['kind'], what: string, options?: ErrorOptions) {
    super(what, options);
    this.name = 'HistoryTrouble';
    this.kind = kind;
  }
}

const none = () => Promise.reject(new HistoryTrouble('unavailable', 'This hub keeps no power history.'));

/** A hub without a history, as tests have it. */
export const NO_HISTORY: HistoryPort = {
  timezone: 'UTC',
  state: () => ({ state: 'off', what: null, rev: 0 }),
  power: none,
  energy: none,
  replication: () => null,
};
