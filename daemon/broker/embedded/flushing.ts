/**
 * When lines hand over what was written to them: at the end of this turn of the event loop, all of it together. A system call
 * for each packet is what a broker spends most on: with 1,000 plugs that report each second it was a fifth of the hub
 * (test/bench/mqtt.ts).
 */
export class Flushing {
  readonly #waiting: (() => void)[] = [];

  soon(flush: () => void): void {
    if (this.#waiting.push(flush) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    for (const flush of this.#waiting.splice(0)) flush();
  }
}
