/** What comes first by a number. Adding and taking cost the logarithm of what is in it. */
export class Heap<T> {
  readonly #rank: (item: T) => number;
  #items: T[] = [];

  constructor(rank: (item: T) => number) {
    this.#rank = rank;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  get size(): number {
    return this.#items.length;
  }

  /** Costs a walk over all of them. */
  keepOnly(isWorth: (item: T) => boolean): void {
    const kept = this.#items.filter(isWorth);
    this.#items = [];
    for (const item of kept) this.push(item);
  }

  push(item: T): void {
    this.#items.push(item);
    let at = this.#items.length - 1;
    while (at > 0 && this.#isBefore(at, (at - 1) >> 1)) at = this.#swap(at, (at - 1) >> 1);
  }

  /** Takes those whose rank is at most this, in order, and not more of them than `atMost`. */
  takeUntil(rank: number, atMost: number): T[] {
    const taken: T[] = [];
    for (let [first] = this.#items; first !== undefined && this.#rank(first) <= rank; [first] = this.#items) {
      if (taken.length >= atMost) break;
      taken.push(first);
      this.#dropFirst();
    }
    return taken;
  }

  #dropFirst(): void {
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return;
    this.#items[0] = last;
    for (let at = 0, next = this.#smallest(0); next !== at; next = this.#smallest(at)) at = this.#swap(at, next);
  }

  #smallest(at: number): number {
    let smallest = at;
    for (const child of [2 * at + 1, 2 * at + 2])
      if (child < this.#items.length && this.#isBefore(child, smallest)) smallest = child;
    return smallest;
  }

  #isBefore(one: number, other: number): boolean {
    return this.#rankAt(one) < this.#rankAt(other);
  }

  #rankAt(at: number): number {
    const item = this.#items[at];
    return item === undefined ? Number.POSITIVE_INFINITY : this.#rank(item);
  }

  #swap(one: number, other: number): number {
    const [a, b] = [this.#items[one], this.#items[other]];
    if (a === undefined || b === undefined) return one;
    this.#items[one] = b;
    this.#items[other] = a;
    return other;
  }
}
