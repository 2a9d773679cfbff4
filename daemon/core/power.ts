/** The power history, as telemetry keeps it, replication copies it and HTTP shows it. */

export const RESOLUTIONS = ['minute', 'hour', 'day'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** What one source drew over one minute, hour or day. A span that was heard only in part says so: a gap is never 0. */
export interface PowerRow {
  /** `house`, `circuit:<id>` or `appliance:<id>`. */
  readonly source: string;
  /** Wall clock; minutes and hours begin on those of UTC, days at midnight of the hub's time zone. */
  readonly startMs: number;
  /** Over `coveredMs`, weighted by time. */
  readonly avgMw: number;
  readonly minMw: number;
  readonly maxMw: number;
  /** Over `coveredMs`, or of the device's counter. What rounding leaves is carried to the row after. */
  readonly energyMwh: number;
  readonly voltageMv: number | null;
  /** How much of the span was heard. */
  readonly coveredMs: number;
  readonly samples: number;
  /** Nothing measures it: rated watts of what is on. */
  readonly isEstimated: boolean;
  /** Of the house: the part of managed appliances, and the rest; null for other sources. */
  readonly interactiveMw: number | null;
  readonly backgroundMw: number | null;
  /** False: written before the clock was synchronised. */
  readonly isClockSure: boolean;
}

/** A row as it is copied on. `rev` rises with every write of any row. */
export interface RevisedRow extends PowerRow {
  readonly resolution: Resolution;
  readonly rev: number;
}
