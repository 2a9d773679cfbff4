import type { Board, BoardSettings } from '../../relay-drivers/simulator/board.ts';
import { createBus, type SimulatedBus } from '../../relay-drivers/simulator/bus.ts';
import { MemoryPort } from '../../relay-drivers/simulator/memory-port.ts';
import type { MeterTwinSettings } from '../../relay-drivers/simulator/meter-twin.ts';
import type { WireSettings } from '../../relay-drivers/simulator/paced-wire.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { hex, text } from '../drivers/captured.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';

/** Longer than any exchange at 9600 baud. */
const LONG_ENOUGH_MS = 200;

/** Boards on a wire in memory, and somebody with a terminal program at the other end. */
export interface Desk {
  readonly clock: VirtualClock;
  readonly bus: SimulatedBus;
  readonly board: Board;
  readonly port: MemoryPort;
  /** Sends a frame given in hex, waits, and returns in hex what came back. */
  ask(frame: string, waitMs?: number): Promise<string>;
  /** Everything heard since the last look. */
  heard(): string;
}

export interface DeskSettings extends Partial<WireSettings> {
  readonly board?: Partial<BoardSettings>;
  readonly boards?: readonly BoardSettings[];
  readonly meters?: readonly MeterTwinSettings[];
  readonly seed?: number;
}

export async function desk({ board = {}, boards, seed = 1, ...wire }: DeskSettings = {}): Promise<Desk> {
  const clock = new VirtualClock();
  const settings = { baud: 9600, ...wire, boards: boards ?? [{ channels: 8, ...board }] };
  const bus = createBus(settings, clock, seededRandom(seed));
  const port = new MemoryPort(bus.wire, clock);
  const pipe = await port.open();
  let bytes: number[] = [];
  pipe.onData((chunk) => bytes.push(...chunk));
  const heard = () => {
    const all = text(Uint8Array.from(bytes));
    bytes = [];
    return all;
  };
  return {
    clock,
    bus,
    board: only(bus.boards),
    port,
    heard,
    ask: async (frame, waitMs = LONG_ENOUGH_MS) => {
      const written = pipe.write(hex(frame));
      await clock.advance(waitMs);
      await written;
      return heard();
    },
  };
}

export function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined) throw new Error('the list is empty');
  return first;
}

/** The channels whose contact is closed: the physical truth. */
export function closed(board: Board): number[] {
  return board
    .coils()
    .filter((coil) => coil.closed)
    .map((coil) => coil.channel);
}
