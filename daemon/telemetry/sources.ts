import type { Database } from 'better-sqlite3';
import type { Counted } from './port.ts';

interface Known {
  readonly id: number;
  lastAt: number;
}

interface SourceRow {
  readonly id: number;
  readonly name: string;
  readonly last_at: number;
  readonly energy_mwh: number | null;
  readonly export_mwh: number | null;
  readonly wall_ms: number | null;
  readonly booked_mwms: number | null;
  readonly rest_mwms: number | null;
}

/** Names of sources as small numbers, and what their counters stood at. Read once, kept in memory. */
export class Sources {
  readonly #db: Database;
  #ids = new Map<string, Known>();
  #names = new Map<number, string>();
  #counted = new Map<string, Counted>();
  #isTouched = new Set<string>();

  constructor(db: Database) {
    this.#db = db;
    this.reload();
  }

  /** As the file has it: after a start, and after a transaction that was given up. */
  reload(): void {
    this.#ids = new Map();
    this.#names = new Map();
    this.#counted = new Map();
    this.#isTouched = new Set();
    for (const row of this.#db.prepare<[], SourceRow>('SELECT * FROM source').all()) {
      this.#ids.set(row.name, { id: row.id, lastAt: row.last_at });
      this.#names.set(row.id, row.name);
      const counted = countedIn(row);
      if (counted !== null) this.#counted.set(row.name, counted);
    }
  }

  get counted(): ReadonlyMap<string, Counted> {
    return this.#counted;
  }

  find(name: string): number | null {
    return this.#ids.get(name)?.id ?? null;
  }

  nameOf(id: number): string {
    return this.#names.get(id) ?? '';
  }

  /** So many have rows since then. */
  countSince(at: number): number {
    let count = 0;
    for (const { lastAt } of this.#ids.values()) if (lastAt >= at) count += 1;
    return count;
  }

  idOf(name: string, at: number): number {
    const known = this.#ids.get(name) ?? this.#add(name);
    known.lastAt = Math.max(known.lastAt, at);
    this.#isTouched.add(name);
    return known.id;
  }

  counts(name: string, counted: Counted): void {
    this.#counted.set(name, counted);
  }

  /** Once a batch. */
  save(): void {
    const update = this.#db.prepare(
      `UPDATE source SET last_at = ?, energy_mwh = ?, export_mwh = ?, wall_ms = ?, booked_mwms = ?, rest_mwms = ? WHERE id = ?`,
    );
    for (const name of this.#isTouched) {
      const known = this.#ids.get(name);
      const counted = this.#counted.get(name);
      if (known === undefined) continue;
      const { energyMwh = null, exportMwh = null, atWallMs = null, bookedMwMs = null, restMwMs = null } = counted ?? {};
      update.run(known.lastAt, energyMwh, exportMwh, atWallMs, bookedMwMs, restMwMs, known.id);
    }
    this.#isTouched = new Set();
  }

  #add(name: string): Known {
    const id = Number(this.#db.prepare('INSERT INTO source (name) VALUES (?)').run(name).lastInsertRowid);
    const known = { id, lastAt: 0 };
    this.#ids.set(name, known);
    this.#names.set(id, name);
    return known;
  }
}

function countedIn({ energy_mwh, export_mwh, wall_ms, booked_mwms, rest_mwms }: SourceRow): Counted | null {
  if (energy_mwh === null) return null;
  return {
    energyMwh: energy_mwh,
    exportMwh: export_mwh ?? 0,
    atWallMs: wall_ms ?? 0,
    bookedMwMs: booked_mwms ?? 0,
    restMwMs: rest_mwms ?? 0,
  };
}
