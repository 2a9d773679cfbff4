import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import type { Dice } from '../sim/dice.ts';
import type { Program } from './program.ts';

/** No load lasts longer, whatever moment was chosen. */
const LONGEST_MS = 400;

/**
 * SIGKILL at a moment that the dice choose: some time, in the turn in which an answer arrives (what the hub wanted to
 * do next, it does not), or within milliseconds of a request (somewhere between its decision and its bytes).
 */
export class Killer {
  readonly done: Promise<void>;
  readonly #hub: Program;
  readonly #settle: () => void;
  readonly #afterMs: number;
  #requestsLeft = Number.POSITIVE_INFINITY;
  #answersLeft = Number.POSITIVE_INFINITY;
  isDone = false;

  constructor(hub: Program, dice: Dice) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#hub = hub;
    this.done = promise;
    this.#settle = resolve;
    this.#afterMs = dice.int(0, 12);
    const moment = dice.weighted({ time: 2, answer: 1, request: 2 });
    if (moment === 'answer') this.#answersLeft = dice.int(1, 25);
    if (moment === 'request') this.#requestsLeft = dice.int(1, 60);
    void this.#strikeAfter(moment === 'time' ? dice.int(20, LONGEST_MS) : LONGEST_MS);
  }

  /** A request was sent. */
  asked(): void {
    this.#requestsLeft -= 1;
    if (this.#requestsLeft === 0) void this.#strikeAfter(this.#afterMs);
  }

  /** An answer has arrived. */
  told(): void {
    this.#answersLeft -= 1;
    if (this.#answersLeft === 0) this.#strike();
  }

  async #strikeAfter(ms: number): Promise<void> {
    await pause(systemClock, ms);
    this.#strike();
  }

  #strike(): void {
    if (this.isDone) return;
    this.isDone = true;
    this.#hub.strike();
    this.#settle();
  }
}
