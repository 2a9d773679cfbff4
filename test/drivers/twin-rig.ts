import { onTestFinished } from 'vitest';
import type { RelayDriver } from '../../relay-drivers/driver.ts';
import type { LineState } from '../../relay-drivers/line/exchange.ts';
import { Line, type LineOptions } from '../../relay-drivers/line/line.ts';
import { busSettings, RELAY_DRIVERS } from '../../relay-drivers/registry.ts';
import type { Board, BoardSettings } from '../../relay-drivers/simulator/board.ts';
import { createBus } from '../../relay-drivers/simulator/bus.ts';
import { MemoryPort } from '../../relay-drivers/simulator/memory-port.ts';
import type { PacedWire } from '../../relay-drivers/simulator/paced-wire.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import type { BytePipe } from '../../relay-drivers/transport/pipe.ts';
import { only } from '../simulator/desk.ts';
import { text } from './captured.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface TwinRig {
  readonly clock: VirtualClock;
  readonly board: Board;
  readonly port: MemoryPort;
  /** For what another program, or noise, puts on the wire. */
  readonly wire: PacedWire;
  readonly line: Line;
  readonly driver: RelayDriver;
  /** What the driver sent, in order. */
  readonly sent: string[];
  readonly states: LineState[];
}

export interface TwinRigOptions {
  readonly driver: string;
  readonly board: BoardSettings;
  /** How many channels the configuration names; those of the board when absent. */
  readonly channels?: number;
  readonly echo?: boolean;
  readonly chunkBytes?: number;
  readonly line?: Partial<LineOptions>;
}

/** A simulated board of any family behind an open port, its line and its driver, on a virtual clock. */
export async function twinRig(options: TwinRigOptions): Promise<TwinRig> {
  const { board, channels = board.channels, echo = false, chunkBytes } = options;
  const clock = new VirtualClock();
  const settings = busSettings.parse({ id: 'main', driver: options.driver, path: '/dev/fake', channels });
  const wire = { baud: settings.baud, echo, ...(chunkBytes === undefined ? {} : { chunkBytes }), boards: [board] };
  const bus = createBus(wire, clock, seededRandom(1));
  const port = new MemoryPort(bus.wire, clock);
  const sent: string[] = [];
  const open = async () => noting(await port.open(), sent);
  const line = new Line({ open, clock, baud: settings.baud, ...options.line });
  const driver = RELAY_DRIVERS.get(settings.driver).create(settings, line);
  const states: LineState[] = [];
  line.onStateChange((state) => states.push(state));
  onTestFinished(() => line.close());
  line.start();
  await clock.settle();
  return { clock, board: only(bus.boards), port, wire: bus.wire, line, driver, sent, states };
}

/** Pulls the cable of a board that lives on it, and puts it back. */
export async function replug({ clock, board, port, line }: TwinRig): Promise<void> {
  port.unplug();
  board.cutPower(0);
  await clock.until(() => !line.isOpen);
  port.plugIn();
  await clock.until(() => line.isOpen);
}

function noting(pipe: BytePipe, sent: string[]): BytePipe {
  return {
    write: (bytes) => {
      sent.push(text(bytes));
      return pipe.write(bytes);
    },
    onData: (listener) => pipe.onData(listener),
    onClose: (listener) => pipe.onClose(listener),
    close: () => pipe.close(),
  };
}
