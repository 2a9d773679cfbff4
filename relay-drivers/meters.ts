import type { LineState } from './line/exchange.ts';
import { Listener } from './line/listener.ts';
import type { MeterReading, PolledMeter, Telegram } from './meter.ts';
import { type MeterKind, type MeterSettings, meterKind } from './meter-registry.ts';
import { type MeterDeps, OwnPorts } from './own-ports.ts';

export type { MeterDeps } from './own-ports.ts';

/** Whether bytes can flow at all: what a Line and a Listener have in common. */
export interface Opening {
  readonly state: LineState;
  onStateChange(listener: (state: LineState) => void): () => void;
}

interface MeterBase {
  readonly id: string;
  /** Of its `meters` entry; of a plug that measures itself, its family and its appliance. */
  readonly settings: { readonly driver: string; readonly measures: string };
  readonly opening: Opening;
  /** How often a reading is expected. */
  readonly periodMs: number;
}

/** A meter with its way to the hardware; a polled one may share the line of a board. */
export type Meter =
  | (MeterBase & { readonly kind: 'polled'; readonly driver: PolledMeter })
  | (MeterBase & {
      readonly kind: 'pushed';
      onReading(listener: (reading: MeterReading) => void): void;
      onDamaged(listener: (reason: string) => void): void;
    });

export interface Meters {
  readonly meters: readonly Meter[];
  /** Ports that no bus has: to be started and closed. */
  readonly ports: readonly { start(): void; close(): void }[];
}

/** A telegram may be lost now and then; after so many periods without a byte the port itself is doubted. */
const SILENT_PERIODS = 10;
const MIN_SILENT_MS = 30_000;

/**
 * One driver per entry; nothing is started yet. Throws on an entry that names a bus that is not there, or a port that
 * something else has already.
 */
export function createMeters(list: readonly MeterSettings[], deps: MeterDeps): Meters {
  const ports = new OwnPorts(deps);
  const meters = list.map((settings) => {
    const kind = meterKind(settings.driver);
    return kind.kind === 'polled' ? polled(settings, kind, deps, ports) : pushed(settings, kind, deps, ports);
  });
  return { meters, ports: ports.all };
}

type PolledSettings = Extract<MeterSettings, { poll_s: number }>;
type PushedSettings = Extract<MeterSettings, { period_s: number }>;

function polled(raw: MeterSettings, kind: MeterKind & { kind: 'polled' }, deps: MeterDeps, ports: OwnPorts): Meter {
  const settings = raw as PolledSettings;
  const bus = settings.bus === undefined ? null : deps.buses.get(settings.bus);
  if (bus === undefined) throw new Error(`meter ${settings.id}: there is no bus ${settings.bus}`);
  const baud = bus?.settings.baud ?? settings.baud ?? kind.baud(settings);
  const line = bus?.line ?? ports.line(settings, baud);
  const driver = kind.create(settings, line, baud);
  return { kind: 'polled', id: settings.id, settings, opening: line, periodMs: settings.poll_s * 1000, driver };
}

function pushed(raw: MeterSettings, kind: MeterKind & { kind: 'pushed' }, deps: MeterDeps, ports: OwnPorts): Meter {
  const settings = raw as PushedSettings;
  const driver = kind.create(settings);
  const stream = new Stream();
  const listener = new Listener({
    open: deps.openPort({ path: settings.path, baud: settings.baud, parity: settings.parity, ...dataBits(settings) }),
    clock: deps.clock,
    maxSilentMs: Math.max(MIN_SILENT_MS, driver.periodMs * SILENT_PERIODS),
    onOpen: () => stream.begin(driver.decoder()),
    onData: (bytes) => stream.push(bytes),
  });
  ports.take(settings, listener);
  return {
    kind: 'pushed',
    id: settings.id,
    settings,
    opening: listener,
    periodMs: driver.periodMs,
    onReading: (listen) => stream.readings.add(listen),
    onDamaged: (listen) => stream.damages.add(listen),
  };
}

function dataBits(settings: PushedSettings): { dataBits?: 7 | 8 } {
  return 'data_bits' in settings ? { dataBits: settings.data_bits } : {};
}

/** The decoder of the port that is open now, and who hears of its telegrams. */
class Stream {
  readonly readings = new Set<(reading: MeterReading) => void>();
  readonly damages = new Set<(reason: string) => void>();
  #decoder: { push(bytes: Uint8Array): Telegram[] } | null = null;

  begin(decoder: { push(bytes: Uint8Array): Telegram[] }): void {
    this.#decoder = decoder;
  }

  push(bytes: Uint8Array): void {
    for (const telegram of this.#decoder?.push(bytes) ?? []) {
      if (telegram.kind === 'reading') for (const listen of this.readings) listen(telegram.reading);
      else for (const listen of this.damages) listen(telegram.reason);
    }
  }
}
