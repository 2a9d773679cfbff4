import { SUSTAINED_MS } from './limits.ts';

/** What lasted: the lowest since the last sample that is `SUSTAINED_MS` old. Nothing lasted while there is none. */
export class Sustained {
  #recent: { readonly atMs: number; readonly value: number }[] = [];

  add(atMs: number, value: number): number {
    this.#recent.push({ atMs, value });
    const first = this.#recent.findLastIndex((sample) => sample.atMs <= atMs - SUSTAINED_MS);
    if (first < 0) return 0;
    this.#recent.splice(0, first);
    return this.#recent.reduce((lowest, sample) => Math.min(lowest, sample.value), Number.POSITIVE_INFINITY);
  }

  forget(): void {
    this.#recent = [];
  }
}
