import type { Metered } from '../../daemon/meters/port.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { DriverError, type DriverErrorCode, type Terms } from '../../relay-drivers/driver.ts';
import type { LineState } from '../../relay-drivers/line/exchange.ts';
import type { MeterReading } from '../../relay-drivers/meter.ts';
import { meterSettings } from '../../relay-drivers/meter-registry.ts';
import type { Meter } from '../../relay-drivers/meters.ts';
import type { VirtualClock } from '../drivers/virtual-clock.ts';

/** Watts to a reading of a single-phase meter. */
export function reading(watts: number, change: Partial<MeterReading> = {}): MeterReading {
  const powerMw = Math.round(watts * 1000);
  const phases = [{ voltageMv: 230_000, currentMa: Math.round(powerMw / 230), powerMw }];
  return { powerMw, phases, energyImportMwh: 1_234_500, energyExportMwh: null, ...change };
}

/** The port that a meter hangs on, in our hand. */
class Opening {
  state: LineState = { isOpen: true };
  readonly #listeners = new Set<(state: LineState) => void>();

  onStateChange(listener: (state: LineState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  become(state: LineState): void {
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

interface FakeOptions {
  readonly id?: string;
  readonly measures?: string;
  readonly periodMs?: number;
  readonly staleAfterMs?: number;
  readonly handNoticedMs?: number;
}

const READ_MS = 40;

/** A meter that is asked; what it says next is `says`. */
export class AskedMeter {
  readonly opening = new Opening();
  readonly metered: Metered;
  readonly asked: Terms[] = [];
  says: MeterReading | DriverErrorCode | 'nothing' | 'a bug' = reading(100);
  underWay = 0;
  readonly #clock: VirtualClock;

  constructor(
    clock: VirtualClock,
    { id = 'm', measures = 'house', periodMs = 1000, staleAfterMs = 10_000, handNoticedMs = 0 }: FakeOptions = {},
  ) {
    this.#clock = clock;
    const settings = meterSettings.parse({ driver: 'pzem-004t', id, measures, path: '/dev/meter' });
    const driver = { kind: 'polled', lineTimeMs: 25, read: (terms: Terms) => this.#read(terms) } as const;
    const meter: Meter = { kind: 'polled', id, settings, opening: this.opening, periodMs, driver };
    this.metered = { meter, periodMs, staleAfterMs, wiring: null, handNoticedMs };
  }

  /** Also one that is asked again before it answered shows here. */
  async #read(terms: Terms): Promise<MeterReading> {
    this.asked.push(terms);
    if (!this.opening.state.isOpen) throw new DriverError('port_closed', 'there is no port');
    if (!terms.stillValid()) throw new DriverError('not_valid', 'no longer wanted');
    this.underWay += 1;
    const { says } = this;
    if (says === 'nothing') return new Promise(() => undefined);
    await pause(this.#clock, READ_MS);
    this.underWay -= 1;
    if (says === 'a bug') throw new TypeError('a bug in the driver');
    if (typeof says === 'string') throw new DriverError(says, 'scripted');
    return says;
  }
}

/** A meter that talks when the test says so. */
export class TalkingMeter {
  readonly opening = new Opening();
  readonly metered: Metered;
  #hear: (reading: MeterReading) => void = () => undefined;
  #damaged: (reason: string) => void = () => undefined;

  constructor({
    id = 'p1',
    measures = 'house',
    periodMs = 1000,
    staleAfterMs = 10_000,
    handNoticedMs = 0,
  }: FakeOptions = {}) {
    const settings = meterSettings.parse({ driver: 'dsmr-p1', id, measures, path: '/dev/p1' });
    const meter: Meter = {
      kind: 'pushed',
      id,
      settings,
      opening: this.opening,
      periodMs,
      onReading: (listener) => {
        this.#hear = listener;
      },
      onDamaged: (listener) => {
        this.#damaged = listener;
      },
    };
    this.metered = { meter, periodMs, staleAfterMs, wiring: null, handNoticedMs };
  }

  says(watts: number): void {
    this.#hear(reading(watts));
  }

  spoils(reason: string): void {
    this.#damaged(reason);
  }
}
