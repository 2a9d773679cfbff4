import type { Bus, BusDeps } from './buses.ts';
import { Line } from './line/line.ts';
import type { Parity, PortSettings } from './transport/address.ts';

export interface MeterDeps extends BusDeps {
  readonly buses: ReadonlyMap<string, Bus>;
}

/** A meter with a port of its own, in the words of its entry. */
export interface PortUser {
  readonly id: string;
  readonly path?: string | undefined;
  readonly parity?: Parity | undefined;
}

/** The ports that no bus has. Two holders of one port would each get half of what comes. */
export class OwnPorts {
  readonly all: { start(): void; close(): void }[] = [];
  readonly #deps: MeterDeps;
  /** Null: a meter that pushes has it. */
  readonly #lines = new Map<string, { readonly line: Line; readonly terms: string } | null>();

  constructor(deps: MeterDeps) {
    this.#deps = deps;
  }

  /** For one meter alone. */
  take({ id, path = '' }: PortUser, listener: { start(): void; close(): void }): void {
    if (this.#lines.has(path)) throw new Error(`meter ${id}: another meter has ${path} already`);
    this.#refuseBus(id, path);
    this.#lines.set(path, null);
    this.all.push(listener);
  }

  /** Meters on one port share its line, as boards do. */
  line(user: PortUser, baud: number): Line {
    const { id, path = '', parity = 'none' } = user;
    const terms = `${baud} baud, parity ${parity}`;
    const own = this.#lines.get(path);
    if (own === null) throw new Error(`meter ${id}: another meter has ${path} already`);
    if (own && own.terms !== terms) throw new Error(`meter ${id}: ${path} is at ${own.terms}, not at ${terms}`);
    return own?.line ?? this.#openedLine(id, { path, baud, parity }, terms);
  }

  #openedLine(id: string, settings: PortSettings, terms: string): Line {
    this.#refuseBus(id, settings.path);
    const { clock, openPort, lineOptions } = this.#deps;
    const { baud, parity } = settings;
    const line = new Line({ open: openPort(settings), clock, baud, parity, ...lineOptions });
    this.#lines.set(settings.path, { line, terms });
    this.all.push(line);
    return line;
  }

  #refuseBus(id: string, path: string): void {
    const bus = [...this.#deps.buses.values()].find(({ settings }) => settings.path === path);
    if (bus)
      throw new Error(`meter ${id}: ${path} is the line of bus ${bus.id}; a meter that is asked may name that bus`);
  }
}
