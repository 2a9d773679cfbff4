import { createHash } from 'node:crypto';
import type { Database, Statement } from 'better-sqlite3';
import { LedgerError } from './errors.ts';
import { MAX_SNAPSHOT_BYTES, SNAPSHOT_PART_BYTES } from './limits.ts';

interface Header {
  readonly seq: number;
  /** The highest uptime of all events up to `seq`: a start need not look through them. */
  readonly up_ms: number;
}

/** `event`: the hash of the event it stands for, so that a snapshot belongs to one history only. */
interface Checked extends Header {
  readonly event: Buffer;
}

export interface Snapshot {
  readonly seq: number;
  readonly upMs: number;
  readonly state: string;
}

function checksum(of: Checked, bytes: Uint8Array): Buffer {
  const header = JSON.stringify([of.seq, of.up_ms]);
  return createHash('sha256').update(of.event).update(header).update(bytes).digest();
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The two tables of snapshots. A state lies in parts, so that writing a large one never holds up a commit for long. */
export class Snapshots {
  readonly #db: Database;
  readonly #clear: Statement<[number]>;
  readonly #begin: Statement<[Header]>;
  readonly #addPart: Statement<[number, number, Buffer]>;
  readonly #complete: Statement<[Buffer, number]>;
  readonly #prune: Statement<[]>;
  readonly #newest: Statement<[], Header & { readonly hash: Buffer }>;
  readonly #parts: Statement<[number], Buffer>;

  constructor(db: Database) {
    this.#db = db;
    this.#clear = db.prepare('DELETE FROM snapshot WHERE seq = ? OR hash IS NULL');
    this.#begin = db.prepare(
      `INSERT INTO snapshot (seq, up_ms, created_wall_ms)
       VALUES (:seq, :up_ms, coalesce((SELECT wall_ms FROM event WHERE seq = :seq), 0))`,
    );
    this.#addPart = db.prepare('INSERT INTO snapshot_part (seq, part, bytes) VALUES (?, ?, ?)');
    this.#complete = db.prepare('UPDATE snapshot SET hash = ? WHERE seq = ?');
    this.#prune = db.prepare(
      'DELETE FROM snapshot WHERE seq NOT IN (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT 2)',
    );
    this.#newest = db.prepare('SELECT seq, up_ms, hash FROM snapshot WHERE hash IS NOT NULL ORDER BY seq DESC');
    this.#parts = db.prepare<[number], Buffer>('SELECT bytes FROM snapshot_part WHERE seq = ? ORDER BY part').pluck();
  }

  /** One part and one transaction a step; others may commit in between. It exists once the last step is through. */
  *write(of: Checked, state: string): Generator<void, void> {
    const bytes = Buffer.from(state);
    if (bytes.length > MAX_SNAPSHOT_BYTES) {
      throw new LedgerError('ledger_failed', `a snapshot of ${bytes.length} bytes is over ${MAX_SNAPSHOT_BYTES}`);
    }
    const last = Math.max(0, Math.ceil(bytes.length / SNAPSHOT_PART_BYTES) - 1);
    const step = this.#db.transaction((part: number) => {
      if (part === 0) this.#start(of);
      this.#addPart.run(of.seq, part, bytes.subarray(part * SNAPSHOT_PART_BYTES, (part + 1) * SNAPSHOT_PART_BYTES));
      if (part === last) this.#finish(of, checksum(of, bytes));
    });
    for (let part = 0; part <= last; part += 1) {
      if (part > 0) yield;
      step.immediate(part);
    }
  }

  /** Also clears what an interrupted one left. */
  #start({ seq, up_ms }: Checked): void {
    this.#clear.run(seq);
    this.#begin.run({ seq, up_ms });
  }

  #finish(of: Checked, hash: Buffer): void {
    this.#complete.run(hash, of.seq);
    this.#prune.run();
  }

  /** The newest that is whole; `damaged` hears of each that was passed over. */
  newest(eventHash: (seq: number) => Buffer | null, damaged: (seq: number) => void): Snapshot | null {
    for (const { hash, ...header } of this.#newest.all()) {
      const event = eventHash(header.seq);
      const bytes = Buffer.concat(this.#parts.all(header.seq));
      const state = bytes.toString();
      const isWhole = event !== null && checksum({ ...header, event }, bytes).equals(hash);
      if (isWhole && isJson(state)) return { seq: header.seq, upMs: header.up_ms, state };
      damaged(header.seq);
    }
    return null;
  }
}
