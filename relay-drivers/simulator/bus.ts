import type { Clock } from '../clock.ts';
import { Board, type BoardSettings } from './board.ts';
import { MeterTwin, type MeterTwinSettings } from './meter-twin.ts';
import { PacedWire, type WireSettings } from './paced-wire.ts';
import type { Random } from './spoil.ts';

export interface BusSettings extends WireSettings {
  readonly boards: readonly BoardSettings[];
  readonly meters?: readonly MeterTwinSettings[];
  /** Hostile wiring: two devices with one address are put on the line all the same. */
  readonly mayClash?: boolean;
}

/** One line and the boards along it. What the host's end is made of (memory, pseudo terminal) is not its business. */
export interface SimulatedBus {
  readonly wire: PacedWire;
  readonly boards: readonly Board[];
  readonly meters: readonly MeterTwin[];
}

export function createBus(settings: BusSettings, clock: Clock, random: Random): SimulatedBus {
  const wire = new PacedWire(settings, clock, random);
  const boards = settings.boards.map((board) => new Board(board, { wire, clock, random }));
  const meters = (settings.meters ?? []).map((meter) => new MeterTwin(meter, { wire, clock, random }));
  const units = [...boards, ...meters].map(({ unit }) => unit);
  if (!settings.mayClash && new Set(units).size !== units.length)
    throw new RangeError('two devices on one line need two unit addresses');
  return { wire, boards, meters };
}
