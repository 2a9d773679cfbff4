import type { Input } from '../core/inputs.ts';
import type { Dispatch, RelayOrder } from '../queue/ports.ts';
import { Board } from './board.ts';
import type { BoardHealth, BoardParts } from './port.ts';

/** All boards of the hub. A failure of one never stops the others: each has its own line, polls and retries. */
export class Relays implements Dispatch {
  readonly #boards: ReadonlyMap<string, Board>;
  readonly #tell: (input: Input) => void;

  constructor(parts: readonly BoardParts[], tell: (input: Input) => void) {
    this.#boards = new Map(parts.map((part) => [part.bus, new Board(part)]));
    this.#tell = tell;
  }

  start(): void {
    for (const board of this.#boards.values()) board.start();
  }

  close(): void {
    for (const board of this.#boards.values()) board.close();
  }

  get isKnown(): boolean {
    return [...this.#boards.values()].every((board) => board.isKnown);
  }

  health(): BoardHealth[] {
    return [...this.#boards.values()].map((board) => board.health);
  }

  order(order: RelayOrder): void {
    const board = this.#boards.get(order.bus);
    const { appliance, generation } = order;
    if (board === undefined) this.#tell({ kind: 'relay_failed', appliance, generation, reading: 'unknown' });
    else board.carrier.order(order);
  }

  async emergencyOff(bus: string, channel: number): Promise<boolean> {
    return (await this.#boards.get(bus)?.carrier.emergencyOff(channel)) ?? false;
  }

  emergencyIsOver(): void {
    for (const board of this.#boards.values()) board.carrier.dropEmergencies();
  }

  bindingsChanged(): void {
    for (const board of this.#boards.values()) board.pollNow();
  }
}
