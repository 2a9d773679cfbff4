import type { Clock } from '../../relay-drivers/clock.ts';
import type { Board } from '../../relay-drivers/simulator/board.ts';

interface Moment {
  readonly sinceMs: number;
  readonly states: readonly boolean[];
}

/** Everything that the contacts of a board ever were. */
export class CoilHistory {
  readonly #clock: Clock;
  readonly #moments: Moment[] = [];

  constructor(board: Board, clock: Clock) {
    this.#clock = clock;
    const note = (): void => {
      this.#moments.push({ sinceMs: clock.nowMs(), states: board.coils().map(({ closed }) => closed) });
    };
    note();
    board.onTransition(note);
  }

  /** Whether each channel was so at some moment since; a board that is asked channel by channel is read over a while. */
  held(states: readonly boolean[], sinceMs: number): boolean {
    const nowMs = this.#clock.nowMs();
    return states.every((isOn, index) =>
      this.#moments.some((moment, at) => {
        const untilMs = this.#moments[at + 1]?.sinceMs ?? nowMs;
        return moment.states[index] === isOn && untilMs >= sinceMs && moment.sinceMs <= nowMs;
      }),
    );
  }
}
