import type { Input } from '../../daemon/core/inputs.ts';
import type { Household } from '../../daemon/core/model.ts';
import { Meters } from '../../daemon/meters/meters.ts';
import type { Metered } from '../../daemon/meters/port.ts';
import { Home, type Load, told } from '../core/home.ts';
import { play } from '../core/play.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import type { TalkingMeter } from './fake-meter.ts';

const CIRCUITS = { circuits: [{ id: 'kitchen', parent: null, limitMw: 3_600_000 }], metered: ['house', 'kitchen'] };

/** A core whose meters are told of each event, as the hub does; what they say is decided at once. */
export class MeteredHome {
  readonly clock = new VirtualClock();
  readonly home: Home;
  readonly inputs: Input[] = [];
  meters: Meters;

  constructor(
    loads: Readonly<Record<string, Load>>,
    metered: (clock: VirtualClock) => readonly Metered[],
    house: Partial<Household> = {},
  ) {
    this.home = new Home({ ...CIRCUITS, ...house }).add(loads);
    this.meters = this.#open(metered(this.clock));
  }

  #open(meters: readonly Metered[]): Meters {
    const { state } = this.home;
    const fresh = new Meters({
      meters,
      state,
      clock: this.clock,
      tell: (input) => this.#decide(input),
      onExchange: () => undefined,
      onTrouble: () => undefined,
    });
    fresh.start();
    return fresh;
  }

  /** Steps of the core's little language; a meter then hears of what they changed. */
  play(steps: string): void {
    play(this.home, steps);
    this.meters.stateChanged();
  }

  on(...ids: readonly string[]): this {
    this.home.switchedOn(...ids);
    this.meters.stateChanged();
    return this;
  }

  /** The hub starts anew, with these meters. */
  restart(metered: readonly Metered[]): void {
    this.meters.close();
    this.home.restart();
    this.meters = this.#open(metered);
  }

  /** The meter says so each second, for so long. */
  async says(meter: TalkingMeter, watts: number, seconds = 1): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      meter.says(watts);
      await this.clock.advance(1000);
    }
  }

  get told(): string[] {
    return this.home.history.map(told).filter((text) => /background|shed|peak/.test(text));
  }

  backgroundW(circuit = 'house'): number {
    return (this.home.state.circuits.get(circuit)?.backgroundMw ?? Number.NaN) / 1000;
  }

  #decide(input: Input): void {
    this.inputs.push(input);
    this.home.decide(input);
    this.meters.stateChanged();
  }
}

export const LOADS = { oven: { w: 2000, priority: 80 }, lamp: { w: 500, priority: 10 } };
