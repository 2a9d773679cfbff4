/** More is not owed to anybody: a broker cuts who is so slow. */
const MAX_WAITING = 10_000;

/** One direction of a connection: what is put in comes out in its order, later, and never inside the caller's own call. */
export class Lane {
  readonly #later: (run: () => void) => void;
  #waiting: (() => void)[] = [];
  #isFrozen = false;
  /** So many would have come out, had it not been frozen. */
  #heldCount = 0;

  constructor(later: (run: () => void) => void) {
    this.#later = later;
  }

  /** False: there is no more room. */
  put(arrive: () => void): boolean {
    if (this.#waiting.length >= MAX_WAITING) return false;
    this.#waiting.push(arrive);
    this.#later(() => this.#next());
    return true;
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
    for (; this.#heldCount > 0; this.#heldCount -= 1) queueMicrotask(() => this.#next());
  }

  drop(): void {
    this.#waiting = [];
    this.#heldCount = 0;
  }

  #next(): void {
    if (this.#isFrozen) this.#heldCount += 1;
    else this.#waiting.shift()?.();
  }
}
