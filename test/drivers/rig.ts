import { onTestFinished } from 'vitest';
import type { Clock } from '../../relay-drivers/clock.ts';
import type { Priority, RelayDriver, Terms } from '../../relay-drivers/driver.ts';
import type { LineState } from '../../relay-drivers/line/exchange.ts';
import { Line, type LineOptions } from '../../relay-drivers/line/line.ts';
import { createModbusCoils } from '../../relay-drivers/modbus-coils/driver.ts';
import { type ModbusCoilsSettings, modbusCoilsSettings } from '../../relay-drivers/modbus-coils/settings.ts';
import type { BytePipe } from '../../relay-drivers/transport/pipe.ts';
import { FakeBoard, type FakeBoardOptions } from './fake-board.ts';
import { VirtualClock } from './virtual-clock.ts';

export const terms = (priority: Priority, more: Partial<Terms> = {}): Terms => ({
  priority,
  stillValid: () => true,
  ...more,
});

export const settings = (more: Record<string, unknown> = {}): ModbusCoilsSettings =>
  modbusCoilsSettings.parse({ id: 'main', driver: 'modbus-coils', path: '/dev/fake', channels: 8, ...more });

export interface Rig {
  readonly clock: VirtualClock;
  readonly board: FakeBoard;
  readonly line: Line;
  readonly driver: RelayDriver;
  readonly states: LineState[];
}

export interface RigOptions extends FakeBoardOptions {
  readonly line?: Partial<LineOptions>;
  readonly settings?: Record<string, unknown>;
  /** Puts something between the line and its port. */
  readonly wrap?: (pipe: BytePipe, clock: Clock) => BytePipe;
}

/** A board, its line and its driver on a virtual clock; the port is not opened yet. */
export function closedRig(options: RigOptions = {}): Rig {
  const clock = new VirtualClock();
  const board = new FakeBoard(clock, options);
  const wrap = options.wrap ?? ((pipe: BytePipe) => pipe);
  const line = new Line({ open: async () => wrap(await board.open(), clock), clock, baud: 9600, ...options.line });
  const driver = createModbusCoils(settings(options.settings), line);
  const states: LineState[] = [];
  line.onStateChange((state) => states.push(state));
  onTestFinished(() => line.close());
  return { clock, board, line, driver, states };
}

/** The same with the port open. `hasRead`: the echo is learnt already. */
export async function openRig(options: RigOptions & { readonly hasRead?: boolean } = {}): Promise<Rig> {
  const rig = closedRig(options);
  rig.line.start();
  await rig.clock.settle();
  if (options.hasRead ?? true) {
    await rig.clock.settled(rig.driver.readCoils(terms('read')));
    rig.board.frames.length = 0;
  }
  return rig;
}
