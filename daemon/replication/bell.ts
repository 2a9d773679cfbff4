import type { Clock } from '../../relay-drivers/clock.ts';

/** One waits, others ring. A ring that nobody waited for is heard by the next who waits. */
export class Bell {
  readonly #clock: Clock;
  #isRung = false;
  #wake: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** True when it was rung, false when `delayMs` went by. */
  async wait(delayMs: number): Promise<boolean> {
    if (!this.#isRung) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(delayMs, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
      this.#wake = null;
    }
    const isRung = this.#isRung;
    this.#isRung = false;
    return isRung;
  }
}
