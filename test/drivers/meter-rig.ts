import { onTestFinished } from 'vitest';
import type { RelayDriver } from '../../relay-drivers/driver.ts';
import { Line } from '../../relay-drivers/line/line.ts';
import type { MeterReading } from '../../relay-drivers/meter.ts';
import { createModbusCoils } from '../../relay-drivers/modbus-coils/driver.ts';
import type { BoardSettings } from '../../relay-drivers/simulator/board.ts';
import { createBus, type SimulatedBus } from '../../relay-drivers/simulator/bus.ts';
import { MemoryPort } from '../../relay-drivers/simulator/memory-port.ts';
import type { MeterTwinSettings } from '../../relay-drivers/simulator/meter-twin.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import type { BytePipe } from '../../relay-drivers/transport/pipe.ts';
import { text } from './captured.ts';
import { settings } from './rig.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What the host sent, and when its first byte left. */
export interface Sent {
  readonly atMs: number;
  readonly frame: string;
}

export interface MeterRig {
  readonly clock: VirtualClock;
  readonly bus: SimulatedBus;
  readonly port: MemoryPort;
  readonly line: Line;
  readonly sent: Sent[];
  /** A driver for the simulated board of this unit. */
  board(unit: number): RelayDriver;
}

export interface MeterRigOptions {
  readonly baud?: number;
  readonly echo?: boolean;
  readonly boards?: readonly BoardSettings[];
  readonly meters: readonly MeterTwinSettings[];
}

/** Simulated meters and boards on one line on a virtual clock, the port open. */
export async function meterRig({ baud = 9600, echo = false, boards = [], meters }: MeterRigOptions): Promise<MeterRig> {
  const clock = new VirtualClock();
  const bus = createBus({ baud, echo, boards, meters }, clock, seededRandom(1));
  const port = new MemoryPort(bus.wire, clock);
  const sent: Sent[] = [];
  const line = new Line({ open: async () => noting(await port.open(), clock, sent), clock, baud });
  onTestFinished(() => line.close());
  line.start();
  await clock.settle();
  return { clock, bus, port, line, sent, board: (unit) => createModbusCoils(settings({ unit }), line) };
}

function noting(pipe: BytePipe, clock: VirtualClock, sent: Sent[]): BytePipe {
  return {
    write: (bytes) => {
      sent.push({ atMs: clock.nowMs(), frame: text(bytes) });
      return pipe.write(bytes);
    },
    onData: (listener) => pipe.onData(listener),
    onClose: (listener) => pipe.onClose(listener),
    close: () => pipe.close(),
  };
}

/** What the simulated meter measures from now on. */
export function truthOf(rig: MeterRig, truth: MeterReading, index = 0): void {
  const twin = rig.bus.meters[index];
  if (!twin) throw new Error(`there is no meter ${index}`);
  twin.measure(truth);
}
