/** The part of `Map` that the state needs, so that a draft can stand in for the committed tables. */
export interface Table<V> {
  get(id: string): V | undefined;
  set(id: string, value: V): unknown;
  delete(id: string): unknown;
  values(): Iterable<V>;
}

const DELETED = Symbol('deleted');

/** Changes over a base that is left alone: dropped when a commit fails, so that the committed state never saw them. */
class Overlay<V> implements Table<V> {
  readonly #base: Table<V>;
  readonly #changes = new Map<string, V | typeof DELETED>();
  #cursor: Iterator<[string, V]> | undefined;
  #head: IteratorResult<[string, V]> | undefined;

  constructor(base: Table<V>) {
    this.#base = base;
  }

  get(id: string): V | undefined {
    const change = this.#changes.get(id);
    if (change === undefined) return this.#base.get(id);
    return change === DELETED ? undefined : change;
  }

  set(id: string, value: V): void {
    this.#changes.set(id, value);
  }

  delete(id: string): void {
    this.#changes.set(id, DELETED);
  }

  /** Walks a copy of the whole table in the order in which a Map would: only for what is rare (shedding, a start). */
  values(): Iterable<V> {
    return this.#merged().values();
  }

  /** The oldest entry, without a copy. The base does not change under a draft, so what was deleted is passed once. */
  first(): V | undefined {
    this.#cursor ??= this.#entriesOfBase()[Symbol.iterator]();
    for (; ; this.#head = undefined) {
      this.#head ??= this.#cursor.next();
      if (this.#head.done === true) break;
      const [id, value] = this.#head.value;
      const change = this.#changes.get(id);
      if (change !== DELETED) return change ?? value;
    }
    for (const change of this.#changes.values()) if (change !== DELETED) return change;
    return undefined;
  }

  #merged(): Map<string, V> {
    const merged = new Map<string, V>();
    for (const [id, value] of this.#entriesOfBase()) merged.set(id, value);
    for (const [id, change] of this.#changes) {
      if (change === DELETED) merged.delete(id);
      else merged.set(id, change);
    }
    return merged;
  }

  #entriesOfBase(): Iterable<[string, V]> {
    if (this.#base instanceof Overlay) return this.#base.#merged();
    return this.#base instanceof Map ? this.#base : [];
  }
}

export function overlay<V>(base: Table<V>): Table<V> {
  return new Overlay(base);
}

export function oldest<V>(table: Table<V>): V | undefined {
  if (table instanceof Overlay) return table.first();
  return table.values()[Symbol.iterator]().next().value;
}
