/** Who wants to hear of something. One that ends itself, or another, while it is told is no trouble. */
export class Listeners<T extends readonly unknown[]> {
  /**
   * Never changed, only replaced: a thousand plugs have four of these each, with one listener or none. `concat` makes an
   * array as long as it is; a spread or `push` one with room for 17.
   */
  #all: readonly ((...told: T) => void)[] = NOBODY;

  /** Returns what ends it. */
  add(listener: (...told: T) => void): () => void {
    this.#all = this.#all.concat(listener);
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
