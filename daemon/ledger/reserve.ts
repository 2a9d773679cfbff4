import { randomFillSync } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { RESERVE_BYTES } from './limits.ts';

const CHUNK_BYTES = 256 * 1024;

/** A file that only takes up room, deleted when the disk is full so that OFFs can still be recorded (durability.md). */
export class Reserve {
  readonly #path: string;
  readonly #bytes: number;
  constructor(path: string, bytes: number = RESERVE_BYTES) {
    this.#path = path;
    this.#bytes = bytes;
  }

  isHeld(): boolean {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    return found !== undefined && found.size === this.#bytes;
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }

  /** Room for it and as much again: it must not be what fills the disk. */
  hasRoom(): boolean {
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    return bavail * bsize >= 2 * this.#bytes;
  }

  /** One chunk on the disk a step. Random bytes: a compressing file system would give zeros no room at all. */
  *fill(): Generator<void, void> {
    const chunk = randomFillSync(Buffer.alloc(CHUNK_BYTES));
    const file = openSync(this.#path, 'w', 0o600);
    try {
      chmodSync(this.#path, 0o600);
      for (let left = this.#bytes; left > 0; ) {
        left -= writeSync(file, chunk, 0, Math.min(left, CHUNK_BYTES));
        fsyncSync(file);
        yield;
      }
    } finally {
      closeSync(file);
    }
  }
}
