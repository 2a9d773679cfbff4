import type { Clock } from '../clock.ts';

/** Channels that the board switches back by itself. A new write to a channel ends its pulse. */
export class Pulses {
  readonly #clock: Clock;
  readonly #cancels = new Map<number, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(channel: number, lengthMs: number, end: () => void): void {
    this.stop(channel);
    const cancel = this.#clock.after(lengthMs, () => {
      this.#cancels.delete(channel);
      end();
    });
    this.#cancels.set(channel, cancel);
  }

  stop(channel: number): void {
    this.#cancels.get(channel)?.();
    this.#cancels.delete(channel);
  }

  stopAll(): void {
    for (const channel of [...this.#cancels.keys()]) this.stop(channel);
  }
}
