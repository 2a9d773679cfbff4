/** A Map that counts what is asked of it, entries walked over included. */
export class CountingMap<V> extends Map<string, V> {
  readonly #tally: { reads: number };

  constructor(entries: Iterable<readonly [string, V]>, tally: { reads: number }) {
    super();
    this.#tally = tally;
    for (const [id, value] of entries) super.set(id, value);
  }

  override get(id: string): V | undefined {
    this.#tally.reads += 1;
    return super.get(id);
  }

  override *values(): MapIterator<V> {
    for (const value of super.values()) {
      this.#tally.reads += 1;
      yield value;
    }
    return undefined;
  }

  override *[Symbol.iterator](): MapIterator<[string, V]> {
    for (const entry of super.entries()) {
      this.#tally.reads += 1;
      yield entry;
    }
    return undefined;
  }
}
