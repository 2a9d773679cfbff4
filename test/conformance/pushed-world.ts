import assert from 'node:assert/strict';
import { Listener } from '../../relay-drivers/line/listener.ts';
import type { MeterReading, PushedMeter, TelegramDecoder } from '../../relay-drivers/meter.ts';
import { createBus } from '../../relay-drivers/simulator/bus.ts';
import type { MeterTwin } from '../../relay-drivers/simulator/meter-twin.ts';
import type { WireSettings } from '../../relay-drivers/simulator/paced-wire.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { inWords, type MeterSubject, NOTHING, theMeter } from './meter-world.ts';
import type { Place } from './places.ts';
import { Tap } from './tap.ts';

export interface PushedSubject extends MeterSubject {
  /** Whether its telegrams have a check. Without one no more can be promised than that noise is no reading. */
  readonly isChecked: boolean;
  readonly everyMs: number;
  create(): PushedMeter;
}

/** A meter that talks by itself, and who listens. Readings that were never true are kept in `lies`. */
export class PushedWorld {
  readonly subject: PushedSubject;
  readonly place: Place;
  readonly twin: MeterTwin;
  readonly listener: Listener;
  readonly tap: Tap;
  readonly readings: MeterReading[] = [];
  damageCount = 0;
  readonly lies: string[] = [];
  readonly #measured = new Set<string>();
  #decoder: TelegramDecoder | null = null;
  #truth = NOTHING;

  constructor(subject: PushedSubject, wire: Partial<WireSettings>) {
    const { baud, protocol } = subject;
    const driver = subject.create();
    this.subject = subject;
    this.place = subject.places((clock) =>
      createBus({ baud, ...wire, boards: [], meters: [{ protocol }] }, clock, seededRandom(1)),
    );
    const { bus, clock } = this.place;
    this.twin = theMeter(bus.meters);
    this.tap = new Tap(clock);
    this.listener = new Listener({
      open: this.tap.wrap(this.place.open),
      clock,
      maxSilentMs: 600_000,
      onOpen: () => {
        this.#decoder = driver.decoder();
      },
      onData: (bytes) => this.#take(bytes),
    });
    this.measure(0);
  }

  measure(index: number): void {
    this.#truth = this.subject.truths[index % this.subject.truths.length] ?? NOTHING;
    this.#measured.add(inWords(this.subject.seen(this.#truth)));
    this.twin.measure(this.#truth);
  }

  /** Until its next telegram is over. */
  async nextTelegram(): Promise<void> {
    const before = this.tap.heard.length;
    await this.place.until(() => this.tap.heard.length > before);
    await this.place.idle(this.subject.everyMs / 2);
  }

  /** What it measures now is told; the rest of a telegram that was spoiled may cost one more. */
  async works(index = 1): Promise<void> {
    this.measure(index);
    this.readings.length = 0;
    const wanted = inWords(this.subject.seen(this.#truth));
    await this.place.until(() => this.readings.some((reading) => inWords(reading) === wanted));
    this.honest();
  }

  honest(): void {
    assert.deepEqual(this.lies, []);
    assert.equal(this.tap.sent.length, 0, 'a port that only listens was written to');
  }

  #take(bytes: Uint8Array): void {
    for (const telegram of this.#decoder?.push(bytes) ?? []) {
      if (telegram.kind === 'damaged') this.damageCount += 1;
      else this.#judge(telegram.reading);
    }
  }

  #judge(reading: MeterReading): void {
    this.readings.push(reading);
    const told = inWords(reading);
    if (!this.#measured.has(told)) this.lies.push(`told ${told}, and it was never so`);
  }
}

export async function inPushedWorld(
  subject: PushedSubject,
  wire: Partial<WireSettings>,
  run: (world: PushedWorld) => Promise<void>,
): Promise<void> {
  const world = new PushedWorld(subject, wire);
  try {
    world.listener.start();
    await world.place.until(() => world.listener.state.isOpen);
    await run(world);
    world.honest();
  } finally {
    world.listener.close();
    world.twin.close();
    world.place.close();
  }
}
