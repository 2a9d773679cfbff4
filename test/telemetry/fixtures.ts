import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { PowerRow } from '../../daemon/core/power.ts';
import { Calendar } from '../../daemon/telemetry/calendar.ts';
import { Energy } from '../../daemon/telemetry/energy.ts';
import { MINUTE_MS } from '../../daemon/telemetry/limits.ts';
import type { Minutes } from '../../daemon/telemetry/port.ts';
import { Queries } from '../../daemon/telemetry/queries.ts';
import { TelemetryStore } from '../../daemon/telemetry/store.ts';

/** A Monday, at midnight of UTC. */
export const MONDAY = Date.UTC(2026, 5, 1);

export function tempDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'voltsafe-telemetry-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A whole minute at one level, unless told otherwise. */
export function minute(startMs: number, over: Partial<PowerRow> = {}): PowerRow {
  const { avgMw = 60_000 } = over;
  return {
    source: 'appliance:kettle',
    startMs,
    avgMw,
    minMw: avgMw,
    maxMw: avgMw,
    energyMwh: Math.floor(avgMw / 60),
    voltageMv: null,
    coveredMs: MINUTE_MS,
    samples: 60,
    isEstimated: false,
    interactiveMw: null,
    backgroundMw: null,
    isClockSure: true,
    ...over,
  };
}

export function minutes(fromMs: number, count: number, of: (i: number) => Partial<PowerRow> = () => ({})): PowerRow[] {
  return Array.from({ length: count }, (_, i) => minute(fromMs + i * MINUTE_MS, of(i)));
}

export function batch(rows: readonly PowerRow[]): Minutes {
  return { rows, counted: [] };
}

/** A store in memory or in a file, with its queries. */
export class Rig {
  readonly calendar: Calendar;
  readonly store: TelemetryStore;
  readonly queries: Queries;
  readonly energy: Energy;

  constructor(timezone = 'Europe/Rome', where: string | Database = ':memory:') {
    this.calendar = new Calendar(timezone);
    this.store = new TelemetryStore(where, this.calendar, timezone);
    onTestFinished(() => this.store.close());
    const { db, sources } = this.store;
    const parts = { db, sources, calendar: this.calendar, keptFrom: this.store.keptFrom.bind(this.store) };
    this.queries = new Queries(parts);
    this.energy = new Energy(parts);
  }

  write(...batches: readonly (readonly PowerRow[])[]): this {
    for (const rows of batches) {
      this.store.begin();
      this.store.apply(batch(rows));
      this.store.commit();
    }
    return this;
  }
}
