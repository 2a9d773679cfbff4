import type { Clock } from '../../relay-drivers/clock.ts';

export interface WatchdogOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  /** Tells systemd that the hub lives. */
  readonly feed: () => void;
  /** Asks for one empty turn of the queue, which then reports `progress()`: how an idle hub shows that it lives. */
  readonly probe: () => void;
}

/**
 * Feeds systemd's watchdog only when something was finished: a turn of the queue, or an attempt of a driver (well or
 * badly: an unplugged board is no reason to restart). A bare interval would feed it while the hub hangs.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #moved = false;
  #isHungry = false;
  #cancel: (() => void) | null = null;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, everyMs } = this.#options;
    this.#cancel = clock.after(everyMs, () => {
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Something was finished. */
  progress(): void {
    if (this.#isHungry) {
      this.#isHungry = false;
      this.#options.feed();
    } else {
      this.#moved = true;
    }
  }

  #look(): void {
    if (this.#moved) {
      this.#moved = false;
      this.#options.feed();
      return;
    }
    this.#isHungry = true;
    this.#options.probe();
  }
}
