import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Event } from '../../daemon/core/events.ts';
import type { RevisedRow } from '../../daemon/core/power.ts';
import { type OpenLedger, openLedger } from '../../daemon/ledger/client.ts';
import type { Cursors, EventSource, PowerSource, Progress, Trouble } from '../../daemon/replication/port.ts';
import { Replicator, type ReplicatorParts } from '../../daemon/replication/replicator.ts';
import { realClock } from '../drivers/real-clock.ts';
import { granted } from '../ledger/events.ts';
import { ask } from '../postgres/server.ts';
import { plainTarget, QUICK } from './settings.ts';

export { plainTarget, QUICK };

export function tempFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'voltsafe-replication-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A real ledger in its thread, appended to as a queue would. */
export class Journal implements EventSource {
  readonly ledger: OpenLedger;
  readonly folder: string;
  #seq: number;
  onAppend: () => void = () => undefined;

  private constructor(ledger: OpenLedger, folder: string) {
    this.ledger = ledger;
    this.folder = folder;
    this.#seq = ledger.stored.lastSeq;
  }

  static async open(folder = tempFolder()): Promise<Journal> {
    const ledger = await openLedger({ dataDir: folder, bootId: 'boot-1' });
    onTestFinished(() => ledger.close());
    return new Journal(ledger, folder);
  }

  get origin(): string {
    return this.ledger.stored.origin;
  }

  lastSeq(): number {
    return this.#seq;
  }

  read(afterSeq: number, limit: number): ReturnType<EventSource['read']> {
    return this.ledger.readRows(afterSeq, limit);
  }

  async append(count: number, make: (seq: number) => Event = granted): Promise<void> {
    const events = Array.from({ length: count }, (_, i) => make(this.#seq + 1 + i));
    await this.ledger.append(events);
    this.#seq += count;
    this.onAppend();
  }
}

/** A machine that others use takes its time. */
export function soon<T>(read: () => T) {
  return expect.poll(read, { timeout: 15_000 });
}

export const MINUTE_MS = 60_000;
export const NOON_MS = Date.UTC(2026, 10, 21, 12);

/** The power history as telemetry keeps it: one row per span, and a rev for each write. */
export class History implements PowerSource {
  origin: string | null = randomUUID();
  readonly #rows = new Map<string, RevisedRow>();
  #rev = 0;

  lastRev(): number {
    return this.#rev;
  }

  async rowsAfter(rev: number, limit: number): Promise<{ readonly rows: readonly RevisedRow[] }> {
    const later = [...this.#rows.values()].filter((row) => row.rev > rev).sort((a, b) => a.rev - b.rev);
    return { rows: later.slice(0, limit) };
  }

  put(row: Partial<RevisedRow> & Pick<RevisedRow, 'source' | 'startMs'>): RevisedRow {
    this.#rev += 1;
    const whole: RevisedRow = { ...MINUTE, ...row, rev: this.#rev };
    this.#rows.set(`${whole.resolution} ${whole.source} ${whole.startMs}`, whole);
    return whole;
  }
}

const MINUTE: Omit<RevisedRow, 'source' | 'startMs' | 'rev'> = {
  resolution: 'minute',
  avgMw: 1_500_250,
  minMw: 0,
  maxMw: 2_000_000,
  energyMwh: 25_004,
  voltageMv: 230_100,
  coveredMs: MINUTE_MS,
  samples: 60,
  isEstimated: false,
  interactiveMw: null,
  backgroundMw: null,
  isClockSure: true,
};

export class Notes implements Cursors {
  saved: Progress | null = null;
  cursor(): Progress | null {
    return this.saved;
  }
  saveCursor(progress: Progress): void {
    this.saved = progress;
  }
}

export interface Copying {
  readonly replicator: Replicator;
  readonly troubles: Trouble[];
}

/** Stopped with the test. */
export function copying(url: string, parts: Partial<ReplicatorParts> & Pick<ReplicatorParts, 'events'>): Copying {
  const troubles: Trouble[] = [];
  const replicator = new Replicator({
    target: plainTarget(url),
    hub: { id: 'home', name: 'Home', version: '1.0.0' },
    power: null,
    cursors: null,
    standing: null,
    clock: realClock,
    onTrouble: (trouble) => troubles.push(trouble),
    ...parts,
    timing: { ...QUICK, ...parts.timing },
  });
  onTestFinished(() => replicator.stop());
  replicator.start();
  return { replicator, troubles };
}

/** What Postgres has of a ledger, held against the ledger itself: no row missing, twice or changed. */
export async function copyOf(url: string, { origin, ledger }: Journal): Promise<{ rows: number; wrong: string[] }> {
  const rows = await ask(url, 'select seq::int, hash from voltsafe.event where origin = $1 order by seq', [origin]);
  const links = await ask(url, 'select seq::int, what from voltsafe.broken_links($1)', [origin]);
  const wrong = links.map(({ seq, what }) => `${seq}: ${what}`);
  for (let after = 0; ; ) {
    const page = await ledger.readRows(after, 250);
    for (const { seq, hash } of page) {
      const copy = rows[seq - 1];
      if (copy?.seq !== seq || !(copy.hash instanceof Buffer) || !copy.hash.equals(hash))
        wrong.push(`${seq}: not the same`);
    }
    if (page.length === 0) break;
    after += page.length;
  }
  return { rows: rows.length, wrong };
}
