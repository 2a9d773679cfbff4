import { DriverError } from '../../relay-drivers/driver.ts';
import type { Who } from '../core/model.ts';
import { ask } from './ask.ts';
import { TIMES } from './limits.ts';
import type { BoardParts, SwitchBinding } from './port.ts';

/** Wall switches on a board's inputs: edges become requests in the queue, like anybody's. */
export class WallSwitches {
  readonly #parts: BoardParts;
  #levels: readonly boolean[] | null = null;
  #cancel: () => void = () => undefined;
  #run = 0;

  constructor(parts: BoardParts) {
    this.#parts = parts;
  }

  /** The first reading after a start is the baseline, never an edge. */
  start(): void {
    if (this.#parts.switches.size === 0 || this.#parts.driver.readInputs === undefined) return;
    this.stop();
    this.#levels = null;
    void this.#poll(this.#run);
  }

  stop(): void {
    this.#run += 1;
    this.#cancel();
  }

  async #poll(run: number): Promise<void> {
    const { driver, clock } = this.#parts;
    const levels = await ask(this.#parts, async () =>
      driver.readInputs?.({ priority: 'read', stillValid: () => run === this.#run }),
    );
    if (run !== this.#run) return;
    if (levels !== undefined && !(levels instanceof DriverError)) this.#seen(levels);
    this.#cancel = clock.after(TIMES.inputPollMs, () => void this.#poll(run));
  }

  #seen(levels: readonly boolean[]): void {
    const before = this.#levels;
    this.#levels = levels;
    if (before === null) return;
    for (const [input, binding] of this.#parts.switches) {
      const isClosed = levels[input - 1] === true;
      if (isClosed !== (before[input - 1] === true)) this.#edge(input, binding, isClosed);
    }
  }

  #edge(input: number, { appliance, mode }: SwitchBinding, isClosed: boolean): void {
    const who = this.#who(input);
    if (mode === 'follow') this.#parts.tell({ kind: 'toggle', appliance, want: isClosed ? 'on' : 'off', who });
    else if (isClosed) this.#parts.tell({ kind: 'toggle', appliance, want: 'flip', who });
  }

  #who(input: number): Who {
    const { bus } = this.#parts;
    return {
      principal: `input:${bus}/${input}`,
      name: `wall switch ${input} on ${bus}`,
      role: 'operator',
      source: 'wall_switch',
    };
  }
}
