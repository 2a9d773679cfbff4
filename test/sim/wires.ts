import type { Clock } from '../../relay-drivers/clock.ts';
import { type BusSettings, unitOf } from '../../relay-drivers/registry.ts';
import type { Board } from '../../relay-drivers/simulator/board.ts';
import { createBus, type SimulatedBus } from '../../relay-drivers/simulator/bus.ts';
import { MemoryPort } from '../../relay-drivers/simulator/memory-port.ts';
import type { House } from './house.ts';

export interface Wire {
  readonly bus: SimulatedBus;
  readonly port: MemoryPort;
}

/** The lines of a house by their path, with the boards on each. */
export function buildWires(house: House, clock: Clock, random: () => number): Map<string, Wire> {
  const paths = new Set(house.buses.map((bus) => bus.path));
  return new Map([...paths].map((path) => [path, wireOf(house, path, clock, random)]));
}

function wireOf(house: House, path: string, clock: Clock, random: () => number): Wire {
  const along = busesOn(house, path);
  const boards = along.map((bus) => ({ channels: bus.channels, unit: unitOf(bus) ?? 1, flavour: house.flavour }));
  const bus = createBus({ baud: along[0]?.baud ?? 9600, echo: house.echo, boards }, clock, random);
  return { bus, port: new MemoryPort(bus.wire, clock) };
}

export function boardsOn(
  house: House,
  wires: ReadonlyMap<string, Wire>,
): { readonly settings: BusSettings; readonly board: Board }[] {
  return [...wires].flatMap(([path, { bus }]) =>
    busesOn(house, path).map((settings, i) => {
      const board = bus.boards[i];
      if (board === undefined) throw new RangeError(`no board for ${settings.id}`);
      return { settings, board };
    }),
  );
}

function busesOn({ buses }: House, path: string): BusSettings[] {
  return buses.filter((bus) => bus.path === path);
}

export function channelsOf({ channels }: { readonly channels: number }): number[] {
  return Array.from({ length: channels }, (_, index) => index + 1);
}
