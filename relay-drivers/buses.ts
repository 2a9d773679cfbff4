import type { Clock } from './clock.ts';
import type { RelayDriver } from './driver.ts';
import { Line, type LineOptions } from './line/line.ts';
import { type BusSettings, type DriverRegistry, RELAY_DRIVERS, unitOf } from './registry.ts';
import { isTcpPath } from './transport/address.ts';
import type { PortOpener } from './transport/open.ts';

/** A board that can be talked to. Boards on one port have one line. */
export interface Bus {
  readonly id: string;
  readonly settings: BusSettings;
  readonly driver: RelayDriver;
  readonly line: Line;
}

export interface BusDeps {
  readonly clock: Clock;
  readonly openPort: PortOpener;
  readonly registry?: DriverRegistry;
  /** Timings other than the usual ones, for every line. */
  readonly lineOptions?: Pick<LineOptions, 'lateReplyMs' | 'backoff' | 'maxSilent'>;
}

export interface BusProblem {
  /** Where it is, below `buses`. */
  readonly path: readonly [index: number, field: string];
  readonly message: string;
}

/**
 * TCP holds on to bytes that were not acknowledged and delivers them when the network comes back: a few silent
 * exchanges are enough to reset it (S11). Where another board on the adapter answers, the connection is alive.
 */
const TCP_MAX_SILENT = 3;

/** One line per port and one driver per board; the lines are not started yet. Refuses what `busProblems` names. */
export function createBuses(list: readonly BusSettings[], deps: BusDeps): Map<string, Bus> {
  const problem = busProblems(list)[0];
  if (problem) throw new Error(`buses[${problem.path[0]}].${problem.path[1]}: ${problem.message}`);
  const lines = new Map<string, Line>();
  const registry = deps.registry ?? RELAY_DRIVERS;
  return new Map(
    list.map((settings) => {
      const line = lines.get(settings.path) ?? createLine(settings, deps);
      lines.set(settings.path, line);
      return [
        settings.id,
        { id: settings.id, settings, line, driver: registry.get(settings.driver).create(settings, line) },
      ];
    }),
  );
}

/** The lines of some buses, each once: what is to be started and closed. */
export function linesOf(buses: Iterable<Bus>): Line[] {
  return [...new Set([...buses].map((bus) => bus.line))];
}

/** What is wrong between entries that are each right by themselves. */
export function busProblems(list: readonly BusSettings[]): BusProblem[] {
  return list.flatMap((bus, index) =>
    list
      .slice(0, index)
      .flatMap((earlier) =>
        clash(earlier, bus).map(([field, message]) => ({ path: [index, field] as const, message })),
      ),
  );
}

function clash(earlier: BusSettings, bus: BusSettings): [field: string, message: string][] {
  const problems: [string, string][] = [];
  if (bus.id === earlier.id) problems.push(['id', `two buses are named ${bus.id}: give each its own id`]);
  if (bus.path !== earlier.path) return problems;
  for (const field of ['baud', 'parity'] as const) {
    if (bus[field] === earlier[field]) continue;
    problems.push([
      field,
      `${bus.id} and ${earlier.id} share ${bus.path}, so their ${field} must be the same: ${bus[field]} here, ${earlier[field]} there`,
    ]);
  }
  const [unit, other] = [unitOf(bus), unitOf(earlier)];
  if (unit === null || other === null)
    problems.push([
      'path',
      `${bus.id} and ${earlier.id} share ${bus.path}, but boards without unit addresses need a port each`,
    ]);
  else if (unit === other)
    problems.push(['unit', `${bus.id} and ${earlier.id} are both unit ${unit} on ${bus.path}: one board, one entry`]);
  return problems;
}

function createLine(settings: BusSettings, deps: BusDeps): Line {
  const { path, baud, parity } = settings;
  return new Line({
    open: deps.openPort({ path, baud, parity }),
    clock: deps.clock,
    baud,
    parity,
    ...(isTcpPath(path) ? { maxSilent: TCP_MAX_SILENT } : {}),
    ...deps.lineOptions,
  });
}
