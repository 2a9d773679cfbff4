/** Who wants to hear of something. One that ends itself, or another, while it is told is no trouble. */
export class Listeners<T extends readonly unknown[]> {
  readonly #all = new Set<(...told: T) => void>();

  /** Returns what ends it. */
  add(listener: (...told: T) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  tell(...told: T): void {
    for (const listener of [...this.#all]) listener(...told);
  }

  clear(): void {
    this.#all.clear();
  }
}
