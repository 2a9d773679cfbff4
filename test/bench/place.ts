import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Where one measurement works: its folder and all that it opened are gone when it is over. */
export class Place {
  readonly folder: string;
  readonly #endings: (() => Promise<void> | void)[] = [];
  #count = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** On the disk of the system's temporary folder; TMPDIR names another one. */
  static async use(work: (place: Place) => Promise<void>): Promise<void> {
    const place = new Place(mkdtempSync(join(tmpdir(), 'voltsafe-bench-')));
    const remove = () => rmSync(place.folder, { recursive: true, force: true });
    process.once('exit', remove);
    try {
      await work(place);
    } finally {
      for (const end of place.#endings.reverse()) await end();
      remove();
      process.off('exit', remove);
    }
  }

  newFolder(): string {
    const folder = join(this.folder, String(this.#count++));
    mkdirSync(folder);
    return folder;
  }

  /** What was opened last is ended first. */
  atEnd(end: () => Promise<void> | void): void {
    this.#endings.push(end);
  }
}
