import { constants } from 'node:fs';
import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

const PRIVATE = 0o600;
const NAME = 'mqtt.journal';

export interface Found {
  readonly records: readonly unknown[];
  /** Lines that could not be read: the last one of a power cut, or a damaged one. */
  readonly damagedLines: number;
}

/**
 * One JSON record a line, appended; the later one counts. Whoever writes it anew does so beside it, and renames: a power
 * cut leaves the old one or the new one.
 */
export class Journal {
  readonly #folder: string;
  readonly #path: string;
  #file: FileHandle | null = null;
  #bytes = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, NAME);
  }

  /** Bytes on the disk. */
  get bytes(): number {
    return this.#bytes;
  }

  async read(): Promise<Found> {
    const text = await readFile(this.#path, 'utf8').catch(emptyIfMissing);
    this.#bytes = Buffer.byteLength(text);
    const lines = text.split('\n');
    // What has no end of line was cut off.
    const torn = lines.pop() ?? '';
    const read = lines.map(parse);
    const records = read.filter((record) => record !== undefined);
    return { records, damagedLines: read.length - records.length + (torn === '' ? 0 : 1) };
  }

  async append(records: readonly unknown[]): Promise<void> {
    if (records.length === 0) return;
    const text = linesOf(records);
    const file = this.#file ?? (await this.#open(this.#path, constants.O_APPEND));
    this.#file = file;
    await file.writeFile(text);
    await file.datasync();
    this.#bytes += Buffer.byteLength(text);
  }

  async rewrite(records: readonly unknown[]): Promise<void> {
    const text = linesOf(records);
    const beside = `${this.#path}.new`;
    const file = await this.#open(beside, constants.O_TRUNC);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await this.close();
    await rename(beside, this.#path);
    await this.#syncFolder();
    this.#bytes = Buffer.byteLength(text);
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  /** Without it a power cut could bring the old name back, and lose what is appended from now on. */
  async #syncFolder(): Promise<void> {
    const folder = await open(this.#folder, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #open(path: string, how: number): Promise<FileHandle> {
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT | how, PRIVATE);
    // Also of a file that was there before, with a mode of its own.
    await file.chmod(PRIVATE);
    return file;
  }
}

function linesOf(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function emptyIfMissing(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
  throw error;
}
