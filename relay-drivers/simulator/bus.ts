import type { Clock } from '../clock.ts';
import { Board, type BoardSettings } from './board.ts';
import { PacedWire, type WireSettings } from './paced-wire.ts';
import type { Random } from './spoil.ts';

export interface BusSettings extends WireSettings {
  readonly boards: readonly BoardSettings[];
}

/** One line and the boards along it. What the host's end is made of (memory, pseudo terminal) is not its business. */
export interface SimulatedBus {
  readonly wire: PacedWire;
  readonly boards: readonly Board[];
}

export function createBus(settings: BusSettings, clock: Clock, random: Random): SimulatedBus {
  const wire = new PacedWire(settings, clock, random);
  const boards = settings.boards.map((board) => new Board(board, { wire, clock, random }));
  const units = new Set(boards.map((board) => board.unit));
  if (units.size !== boards.length) throw new RangeError('two boards on one line need two unit addresses');
  return { wire, boards };
}
