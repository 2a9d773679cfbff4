import assert from 'node:assert/strict';
import type { Terms } from '../../relay-drivers/driver.ts';
import { Line } from '../../relay-drivers/line/line.ts';
import type { MeterReading, PolledMeter } from '../../relay-drivers/meter.ts';
import { createBus } from '../../relay-drivers/simulator/bus.ts';
import type { MeterProtocol, MeterTwin } from '../../relay-drivers/simulator/meter-twin.ts';
import type { WireSettings } from '../../relay-drivers/simulator/paced-wire.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { asDriverError, type Tried } from './case.ts';
import type { Place } from './places.ts';
import { Tap } from './tap.ts';

export interface MeterSubject extends Tried {
  readonly protocol: MeterProtocol;
  readonly baud: number;
  /** What it measures in the cases: no two alike, some of them export where the meter can tell. */
  readonly truths: readonly MeterReading[];
  /** What it tells of a truth; what it cannot tell is left out or null. */
  seen(truth: MeterReading): MeterReading;
}

export interface PolledSubject extends MeterSubject {
  readonly timeoutMs: number;
  create(line: Line): PolledMeter;
}

/** Null: the call failed, with a `DriverError`. */
export type Read = MeterReading | null;

/** A meter that is asked, its line and its driver. Readings that were never true are kept in `lies`. */
export class PolledWorld {
  readonly subject: PolledSubject;
  readonly place: Place;
  readonly twin: MeterTwin;
  readonly line: Line;
  readonly driver: PolledMeter;
  readonly tap: Tap;
  readonly onWire: Uint8Array[] = [];
  readonly lies: string[] = [];
  #truth: MeterReading;

  constructor(subject: PolledSubject, wire: Partial<WireSettings>) {
    const { baud, protocol, truths } = subject;
    this.subject = subject;
    this.place = subject.places((clock) =>
      createBus({ baud, ...wire, boards: [], meters: [{ protocol }] }, clock, seededRandom(1)),
    );
    const { bus, clock } = this.place;
    this.twin = theMeter(bus.meters);
    this.tap = new Tap(clock);
    bus.wire.join((frame) => this.onWire.push(frame));
    this.line = new Line({ open: this.tap.wrap(this.place.open), clock, baud });
    this.driver = subject.create(this.line);
    this.#truth = truths[0] ?? NOTHING;
    this.measure(0);
  }

  /** The next of the truths, and again from the first. Only between two calls: a reading may take several exchanges. */
  measure(index: number): void {
    this.#truth = this.subject.truths[index % this.subject.truths.length] ?? NOTHING;
    this.twin.measure(this.#truth);
  }

  async read(more: Partial<Terms> = {}): Promise<Read> {
    const opening = this.tap.openings;
    const truth = this.#truth;
    let isStarted = false;
    const started = (): void => {
      isStarted = true;
      if (this.tap.openings !== opening) this.lies.push('a reading was kept for a later port (S11)');
      more.started?.();
    };
    try {
      const reading = await this.driver.read({ priority: 'meter', stillValid: () => true, ...more, started });
      if (!isStarted) this.lies.push('a reading did not say when it started');
      this.#judge(reading, truth);
      return reading;
    } catch (failure) {
      asDriverError(failure, this.lies);
      return null;
    }
  }

  /** It is read, and told as it is. Energies may be those of a while ago. */
  async works(index = 1): Promise<void> {
    this.measure(index);
    const reading = await this.place.settled(this.read());
    assert.deepEqual(reading && { ...reading, ...NO_ENERGIES }, { ...this.subject.seen(this.#truth), ...NO_ENERGIES });
    this.honest();
  }

  honest(): void {
    assert.deepEqual(this.lies, []);
  }

  #judge(reading: MeterReading, truth: MeterReading): void {
    const [told, really] = [reading, this.subject.seen(truth)].map((each) => inWords({ ...each, ...NO_ENERGIES }));
    if (told !== really) this.lies.push(`told ${told}, and it is ${really}`);
    for (const energy of [reading.energyImportMwh, reading.energyExportMwh])
      if (energy !== null && !this.subject.truths.some((each) => energiesOf(this.subject.seen(each)).includes(energy)))
        this.lies.push(`an energy of ${energy} mWh, and it was never so`);
  }
}

export const NOTHING: MeterReading = { powerMw: 0, phases: [], energyImportMwh: null, energyExportMwh: null };

export function theMeter(meters: readonly MeterTwin[]): MeterTwin {
  const [twin] = meters;
  if (!twin) throw new Error('there is no meter');
  return twin;
}

const NO_ENERGIES = { energyImportMwh: null, energyExportMwh: null };

/** The same words for the same reading. */
export function inWords({ powerMw, phases, energyImportMwh, energyExportMwh }: MeterReading): string {
  const each = phases.map(({ voltageMv, currentMa, powerMw: phaseMw }) => [voltageMv, currentMa, phaseMw]);
  return JSON.stringify([powerMw, each, energyImportMwh, energyExportMwh]);
}

function energiesOf({ energyImportMwh, energyExportMwh }: MeterReading) {
  return [energyImportMwh, energyExportMwh];
}

export async function inPolledWorld(
  subject: PolledSubject,
  wire: Partial<WireSettings>,
  run: (world: PolledWorld) => Promise<void>,
): Promise<void> {
  const world = new PolledWorld(subject, wire);
  try {
    world.line.start();
    await world.place.until(() => world.line.isOpen);
    await run(world);
    world.honest();
  } finally {
    world.line.close();
    world.twin.close();
    world.place.close();
  }
}
