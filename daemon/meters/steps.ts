/** More changes than this within a window are folded together, the higher value staying. */
const MAX_STEPS = 512;

interface Step {
  readonly fromMs: number;
  readonly value: number;
}

/** A value that stays until it changes, remembered for a while; bounded. */
export class Steps {
  readonly #keepMs: number;
  #steps: Step[] = [];

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  get present(): number {
    return this.#steps.at(-1)?.value ?? 0;
  }

  set(atMs: number, value: number): void {
    if (this.#steps.length > 0 && value === this.present) return;
    this.#steps.push({ fromMs: atMs, value });
    this.#forget(atMs - this.#keepMs);
  }

  /** The highest that it was at any moment since then, that moment and the present included. */
  highestSince(sinceMs: number): number {
    const first = this.#steps.findLastIndex(({ fromMs }) => fromMs <= sinceMs);
    return Math.max(0, ...this.#steps.slice(Math.max(0, first)).map(({ value }) => value));
  }

  #forget(beforeMs: number): void {
    const first = this.#steps.findLastIndex(({ fromMs }) => fromMs <= beforeMs);
    if (first > 0) this.#steps.splice(0, first);
    const [one, two] = this.#steps;
    if (this.#steps.length <= MAX_STEPS || one === undefined || two === undefined) return;
    this.#steps.splice(0, 2, { fromMs: one.fromMs, value: Math.max(one.value, two.value) });
  }
}
