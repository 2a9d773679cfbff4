import type { Clock } from '../../../relay-drivers/clock.ts';

/** Does something for a key at once, and then at most once in so long, however often it is asked; never forgets the last time. */
export class Throttle {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #run: (key: string) => void;
  /** In the time after it was done: what ends that, and whether it was asked again. */
  readonly #resting = new Map<string, { readonly cancel: () => void; isDue: boolean }>();

  constructor(clock: Clock, everyMs: number, run: (key: string) => void) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#run = run;
  }

  ask(key: string): void {
    const rest = this.#resting.get(key);
    if (rest !== undefined) rest.isDue = true;
    else this.#do(key);
  }

  close(): void {
    for (const { cancel } of this.#resting.values()) cancel();
    this.#resting.clear();
  }

  #do(key: string): void {
    const cancel = this.#clock.after(this.#everyMs, () => this.#rested(key));
    this.#resting.set(key, { cancel, isDue: false });
    this.#run(key);
  }

  #rested(key: string): void {
    const isDue = this.#resting.get(key)?.isDue === true;
    this.#resting.delete(key);
    if (isDue) this.#do(key);
  }
}
