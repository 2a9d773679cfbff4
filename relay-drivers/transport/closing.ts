/** Tells one listener once why a pipe closed, however many causes arrive, and whenever the listener comes. */
export class Closing {
  #reason: string | null = null;
  #listener: ((reason: string) => void) | null = null;

  get isClosed(): boolean {
    return this.#reason !== null;
  }

  get reason(): string {
    return this.#reason ?? 'open';
  }

  onClose(listener: (reason: string) => void): void {
    this.#listener = listener;
    if (this.#reason !== null) listener(this.#reason);
  }

  /** Says whether this was the first cause. */
  close(reason: string): boolean {
    if (this.#reason !== null) return false;
    this.#reason = reason;
    this.#listener?.(reason);
    return true;
  }
}
