import type { Bus } from '../relay-drivers/buses.ts';
import type { Clock } from '../relay-drivers/clock.ts';
import type { Wiring } from '../relay-drivers/diagnose.ts';
import type { PolledMeter } from '../relay-drivers/meter.ts';
import { type MeterSettings, meterKind } from '../relay-drivers/meter-registry.ts';
import { createMeters, type Meter } from '../relay-drivers/meters.ts';
import { type LineUser, type PlannedMeter, planPolls } from '../relay-drivers/poll-plan.ts';
import { relayReadMs } from '../relay-drivers/relay-read-time.ts';
import type { PortOpener } from '../relay-drivers/transport/open.ts';
import type { Metered } from './meters/port.ts';
import { TIMES } from './relays/limits.ts';
import type { MeterEntry } from './settings/types.ts';

export interface OpenedMeters {
  readonly meters: readonly Metered[];
  /** Ports that no bus has: to be started and closed. */
  readonly ports: readonly { start(): void; close(): void }[];
  /** Where the configuration asks more of a line than it can carry. */
  readonly warnings: readonly string[];
}

interface Deps {
  readonly clock: Clock;
  readonly openPort: PortOpener;
  readonly buses: ReadonlyMap<string, Bus>;
}

interface Metering {
  readonly meter: Meter;
  readonly wiring: Wiring;
}

/** The meters of the configuration on their lines, each read as often as its line can bear. */
export function openMeters(entries: readonly MeterEntry[], deps: Deps): OpenedMeters {
  const { meters, ports } = createMeters(entries.map(asWritten), deps);
  const wired = meters.map((meter, i) => ({ meter, wiring: wiringOf(entryAt(entries, i), deps.buses) }));
  const plans = planned(wired, [...deps.buses.values()]);
  const noticedMs = handNoticedMs(meters, [...deps.buses.values()]);
  const metered = wired.map(({ meter, wiring }, i) => {
    const periodMs = plans.get(meter.id)?.periodMs ?? meter.periodMs;
    return {
      meter,
      wiring,
      periodMs,
      staleAfterMs: staleAfterMs(entryAt(entries, i), periodMs),
      handNoticedMs: noticedMs,
    };
  });
  return { meters: metered, ports, warnings: [...plans.values()].flatMap(({ warning }) => warning ?? []) };
}

/** The meters stand in the order of their entries. */
function entryAt(entries: readonly MeterEntry[], at: number): MeterEntry {
  const entry = entries[at];
  if (entry === undefined) throw new RangeError('a meter without an entry');
  return entry;
}

/** The drivers' schemas know no other keys. */
function asWritten({ staleAfterMs, ...settings }: MeterEntry): MeterSettings {
  return settings;
}

/** A meter that is read more seldom than it was asked for is silent only later, unless somebody said when. */
function staleAfterMs(entry: MeterEntry, periodMs: number): number {
  return entry.stale_after_s === undefined ? Math.max(entry.staleAfterMs, 2.5 * periodMs) : entry.staleAfterMs;
}

function planned(meters: readonly Metering[], buses: readonly Bus[]): Map<string, PlannedMeter> {
  const polled = meters.filter(({ meter }) => meter.kind === 'polled');
  const lines = Map.groupBy(polled, ({ meter }) => meter.opening);
  return new Map([...lines.values()].flatMap((along) => planLine(along, buses).map((plan) => [plan.id, plan])));
}

function planLine(meters: readonly Metering[], buses: readonly Bus[]): readonly PlannedMeter[] {
  const boards = buses.filter((bus) => bus.line === meters[0]?.meter.opening);
  return planPolls({
    line: meters[0]?.wiring.path ?? '',
    baud: meters[0]?.wiring.baud ?? 0,
    boards: boards.flatMap(turnsOf),
    meters: meters.flatMap(({ meter }) =>
      meter.kind === 'polled' ? [{ ...meter.driver, id: meter.id, periodMs: meter.periodMs }] : [],
    ),
  }).meters;
}

function factoryBaud(settings: MeterSettings): number {
  const kind = meterKind(settings.driver);
  return kind.kind === 'polled' ? kind.baud(settings) : 0;
}

/** What was read is decided and on the disk within this. */
const COMMIT_MS = 250;

/**
 * A hand that moves a relay just after it was read is noticed at the end of the next reading. The boards of a line wait
 * for each other, and for a meter whose turn has begun.
 */
function handNoticedMs(meters: readonly Meter[], buses: readonly Bus[]): number {
  const lines = Map.groupBy(buses, ({ line }) => line);
  const readMs = [...lines].map(([line, along]) => {
    const boardsMs = along.reduce((sum, { settings }) => sum + relayReadMs(settings), 0);
    return boardsMs + Math.max(0, ...meters.map((meter) => (meter.opening === line ? turnMs(meter) : 0)));
  });
  return 2 * Math.max(0, ...readMs) + TIMES.pollMs + COMMIT_MS;
}

function turnMs(meter: Meter): number {
  if (meter.kind !== 'polled') return 0;
  const { lineTimeMs, hushMs = 0 }: PolledMeter & { readonly hushMs?: number } = meter.driver;
  return lineTimeMs + hushMs;
}

function turnsOf({ id, settings, driver }: Bus): LineUser[] {
  const lineTimeMs = relayReadMs(settings);
  const relays = { id, lineTimeMs, periodMs: TIMES.pollMs };
  const hasSwitches = driver.readInputs !== undefined && 'inputs' in settings && settings.inputs !== undefined;
  return hasSwitches ? [relays, { id, lineTimeMs, periodMs: TIMES.inputPollMs }] : [relays];
}

function wiringOf(settings: MeterSettings, buses: ReadonlyMap<string, Bus>): Wiring {
  const { driver } = settings;
  const bus = 'bus' in settings && settings.bus !== undefined ? buses.get(settings.bus)?.settings : undefined;
  const unit = 'unit' in settings ? settings.unit : null;
  const { path = '', baud = factoryBaud(settings), parity = 'none' } = bus ?? settings;
  return { driver, path, baud, parity, unit };
}
