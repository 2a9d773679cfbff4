import type { Clock } from '../clock.ts';
import type { PlugFaults } from './plug-faults.ts';
import {
  type CoilTruth,
  RelayBank,
  type Transition,
  type TransitionCause,
  type TransitionListener,
} from './relay-bank.ts';

const MS_PER_H = 3_600_000;

interface Output {
  /** What the firmware thinks. */
  believed: boolean;
  /** Drawn through its contact while that is closed. */
  loadW: number;
  /** What that came to until `sinceMs`. */
  countedWh: number;
  sinceMs: number;
}

/** The outputs of a plug: what its firmware believes, what is true, and what flows. */
export class PlugOutputs {
  readonly channels: number;
  readonly #bank: RelayBank;
  readonly #clock: Clock;
  readonly #outputs: Output[];
  #contrary: readonly number[] = [];
  #stuck: readonly number[] = [];

  constructor(channels: number, loadsW: readonly number[], clock: Clock) {
    this.channels = channels;
    this.#clock = clock;
    this.#bank = new RelayBank(channels, () => clock.nowMs());
    this.#outputs = Array.from({ length: channels }, (_, index) => ({
      believed: false,
      loadW: loadsW[index] ?? 0,
      countedWh: 0,
      sinceMs: clock.nowMs(),
    }));
  }

  coils(): CoilTruth[] {
    return this.#bank.coils();
  }

  log(): readonly Transition[] {
    return this.#bank.log();
  }

  onTransition(listener: TransitionListener): () => void {
    return this.#bank.onTransition(listener);
  }

  /** As the firmware tells it. */
  isOn(channel: number): boolean {
    const believed = this.#outputs[channel - 1]?.believed ?? false;
    return believed !== this.#contrary.includes(channel);
  }

  /** As the firmware has it, before it tells anybody. */
  register(channel: number): boolean {
    return this.#outputs[channel - 1]?.believed ?? false;
  }

  /** Whether the firmware saw a change. */
  set(channel: number, isOn: boolean, cause: TransitionCause): boolean {
    const output = this.#outputs[channel - 1];
    if (output === undefined || this.#stuck.includes(channel)) return false;
    this.#settle();
    this.#bank.set(channel, isOn, cause);
    const isChanged = output.believed !== isOn;
    output.believed = isOn;
    return isChanged;
  }

  /** Nothing is energised any more. What was believed is kept, for those that come back as they were. */
  losePower(): void {
    this.#settle();
    this.#bank.loseAll();
  }

  powerW(channel: number): number {
    const isClosed = this.#bank.coils()[channel - 1]?.closed === true;
    return isClosed ? (this.#outputs[channel - 1]?.loadW ?? 0) : 0;
  }

  energyWh(channel: number): number {
    this.#settle();
    return this.#outputs[channel - 1]?.countedWh ?? 0;
  }

  /** Something else is plugged in. */
  draw(channel: number, loadW: number): void {
    this.#settle();
    const output = this.#outputs[channel - 1];
    if (output) output.loadW = loadW;
  }

  setFaults({ stuck, pretends, contrary, welded }: PlugFaults): void {
    this.#settle();
    this.#stuck = stuck;
    this.#contrary = contrary;
    this.#bank.stick([...stuck, ...pretends]);
    this.#bank.weld(welded);
  }

  /** Counts what flowed since the last time: before anything moves. */
  #settle(): void {
    const nowMs = this.#clock.nowMs();
    for (const [index, output] of this.#outputs.entries()) {
      output.countedWh += (this.powerW(index + 1) * (nowMs - output.sinceMs)) / MS_PER_H;
      output.sinceMs = nowMs;
    }
  }
}
