/** Who wants to hear of something. One that ends itself, or another, while it is told is no trouble. */
export class Listeners<T extends readonly unknown[]> {
  /** Never changed, only replaced: a thousand plugs have four of these each, with one listener or none. */
  #all: readonly ((...told: T) => void)[] = NOBODY;

  /** Returns what ends it. */
  add(listener: (...told: T) => void): () => void {
    this.#all = [...this.#all, listener];
    return () => {
      this.#all = this.#all.filter((one) => one !== listener);
    };
  }

  tell(...told: T): void {
    for (const listener of this.#all) listener(...told);
  }

  clear(): void {
    this.#all = NOBODY;
  }
}

const NOBODY: readonly never[] = [];
