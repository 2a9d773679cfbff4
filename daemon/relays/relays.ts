import type { Input } from '../core/inputs.ts';
import type { Dispatch, RelayOrder } from '../queue/ports.ts';
import { Board } from './board.ts';
import type { BoardHealth, BoardParts } from './port.ts';

/** All boards of the hub. A failure of one never stops the others: each has its own line, polls and retries. */
export class Relays implements Dispatch {
  readonly #boards = new Map<string, Board>();
  readonly #tell: (input: Input) => void;
  #isStarted = false;

  constructor(parts: readonly BoardParts[], tell: (input: Input) => void) {
    for (const part of parts) this.#boards.set(part.bus, new Board(part));
    this.#tell = tell;
  }

  start(): void {
    this.#isStarted = true;
    for (const board of this.#boards.values()) board.start();
  }

  /** A device that was adopted. */
  add(parts: BoardParts): void {
    const board = new Board(parts);
    this.#boards.set(parts.bus, board);
    if (this.#isStarted) board.start();
  }

  /** Nothing hangs on it any more. */
  remove(bus: string): void {
    this.#boards.get(bus)?.close();
    this.#boards.delete(bus);
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

  bindingsChanged(buses: readonly string[]): void {
    for (const bus of buses) this.#boards.get(bus)?.pollNow();
  }
}
