import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, pause } from '../../relay-drivers/clock.ts';
import type { SimulatedBus } from '../../relay-drivers/simulator/bus.ts';
import { MemoryPort } from '../../relay-drivers/simulator/memory-port.ts';
import { servePty } from '../../relay-drivers/simulator/pty-port.ts';
import type { OpenPipe } from '../../relay-drivers/transport/pipe.ts';
import { openSerial } from '../../relay-drivers/transport/serial.ts';
import { realClock } from '../drivers/real-clock.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';

/** A port with devices behind it, and the hands that pull its cable. */
export interface Place {
  readonly clock: Clock;
  readonly bus: SimulatedBus;
  readonly open: OpenPipe;
  unplug(): void;
  plugIn(): void;
  until(isSo: () => boolean, limitMs?: number): Promise<void>;
  settled<T>(promise: Promise<T>, limitMs?: number): Promise<T>;
  /** Lets time pass in which nothing should happen. Over a real port nobody waits for that. */
  idle(ms: number): Promise<void>;
  close(): void;
}

export type Places = (wire: (clock: Clock) => SimulatedBus) => Place;

/** Much longer than anything here may take. */
const LIMIT_MS = 60_000;

/** A byte pipe in memory, on a clock that the test moves. */
export const inMemory: Places = (wire) => {
  const clock = new VirtualClock();
  const bus = wire(clock);
  const port = new MemoryPort(bus.wire, clock);
  return {
    clock,
    bus,
    open: port.open,
    unplug: () => port.unplug(),
    plugIn: () => port.plugIn(),
    until: (isSo, limitMs = LIMIT_MS) => clock.until(isSo, limitMs),
    settled: (promise, limitMs = LIMIT_MS) => clock.settled(promise, limitMs),
    idle: (ms) => clock.advance(ms),
    close: () => {},
  };
};

/** A pseudo terminal, opened as a serial port; its devices keep the times of the wire. */
export const onTerminal: Places = (wire) => {
  const folder = mkdtempSync(join(tmpdir(), 'voltsafe-conformance-'));
  const path = join(folder, 'port');
  const bus = wire(realClock);
  let port: { close(): void } | null = servePty(bus.wire, realClock, path);
  const unplug = () => {
    bus.wire.hostFallsSilent();
    port?.close();
    port = null;
  };
  return {
    clock: realClock,
    bus,
    open: () => openSerial({ path, baud: 9600, parity: 'none' }, realClock),
    unplug,
    plugIn: () => {
      port = servePty(bus.wire, realClock, path);
    },
    until: untilSo,
    settled: async (promise, limitMs) => {
      let isOver = false;
      const end = () => {
        isOver = true;
      };
      promise.then(end, end);
      await untilSo(() => isOver, limitMs);
      return promise;
    },
    idle: async () => {},
    close: () => {
      unplug();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const LOOK_EVERY_MS = 2;

async function untilSo(isSo: () => boolean, limitMs = LIMIT_MS): Promise<void> {
  const endMs = realClock.nowMs() + limitMs;
  while (!isSo()) {
    if (realClock.nowMs() > endMs) throw new Error(`not so within ${limitMs} ms`);
    await pause(realClock, LOOK_EVERY_MS);
  }
}
