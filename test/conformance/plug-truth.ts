import type { Clock } from '../../relay-drivers/clock.ts';
import type { SimulatedPlug } from '../../relay-drivers/simulator/plug.ts';

interface Moment {
  readonly sinceMs: number;
  readonly states: readonly boolean[];
  readonly powersW: readonly number[];
}

/** Everything that the outputs of a plug ever were, and drew. */
export class PlugTruth {
  readonly #clock: Clock;
  readonly #twin: SimulatedPlug;
  readonly #moments: Moment[] = [];

  constructor(twin: SimulatedPlug, clock: Clock) {
    this.#clock = clock;
    this.#twin = twin;
    this.note();
    twin.onTransition(() => this.note());
  }

  /** To be called where something else was plugged in. */
  note(): void {
    const states = this.#twin.coils().map(({ closed }) => closed);
    const powersW = states.map((_, index) => this.#twin.powerW(index + 1));
    this.#moments.push({ sinceMs: this.#clock.nowMs(), states, powersW });
  }

  wasSo(channel: number, isOn: boolean, sinceMs: number): boolean {
    return this.#since(sinceMs).some(({ states }) => states[channel - 1] === isOn);
  }

  /** Within what devices round to. */
  drew(channel: number, powerMw: number, sinceMs: number, toleranceMw: number): boolean {
    return this.#since(sinceMs).some(
      ({ powersW }) => Math.abs((powersW[channel - 1] ?? 0) * 1000 - powerMw) <= toleranceMw,
    );
  }

  #since(sinceMs: number): Moment[] {
    return this.#moments.filter((_, at) => (this.#moments[at + 1]?.sinceMs ?? Number.POSITIVE_INFINITY) >= sinceMs);
  }
}
