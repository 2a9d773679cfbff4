import type { Clock } from '../clock.ts';
import type { MeterReading } from '../meter.ts';
import { type FaultChange, type Faults, NO_FAULTS } from './faults.ts';
import { afflict } from './frame-faults.ts';
import type { Heard, PacedWire, Station } from './paced-wire.ts';
import type { Random } from './spoil.ts';

/** How a meter talks: it answers what it hears, or it speaks by itself. */
export type MeterProtocol =
  | {
      readonly kind: 'polled';
      readonly unit: number;
      /** What stood between two silences, perhaps damaged. Returns what the meter says to it; null: nothing. */
      hear(frame: Uint8Array, unit: number, truth: MeterReading): Uint8Array | null;
    }
  | {
      readonly kind: 'pushed';
      readonly everyMs: number;
      telegram(truth: MeterReading, wallMs: number): Uint8Array;
    };

export interface MeterTwinSettings {
  readonly protocol: MeterProtocol;
  /** The factory address when absent. */
  readonly unit?: number;
  /** Between the end of a request and the start of its reply; SDM meters were seen with 30 to 50 ms. */
  readonly deviceTimeMs?: number;
}

interface Parts {
  readonly wire: PacedWire;
  readonly clock: Clock;
  readonly random: Random;
}

const DEVICE_TIME_MS = 30;
const NOTHING_DRAWN: MeterReading = { powerMw: 0, phases: [], energyImportMwh: 0, energyExportMwh: 0 };

/** A simulated meter on a paced wire: what it measures is set from outside, what it says is its family's business. */
export class MeterTwin {
  readonly unit: number;
  readonly #settings: MeterTwinSettings;
  readonly #parts: Parts;
  readonly #station: Station;
  #flow = (): MeterReading => NOTHING_DRAWN;
  /** Set by hand, in place of what flows. */
  #set: MeterReading | null = null;
  #faults: Faults = NO_FAULTS;
  /** Infinity while there is no power. */
  #aliveSinceMs = Number.NEGATIVE_INFINITY;
  #cancelWaking: () => void = () => undefined;
  #cancelPush: () => void = () => undefined;

  constructor(settings: MeterTwinSettings, parts: Parts) {
    const { protocol } = settings;
    this.#settings = settings;
    this.#parts = parts;
    this.unit = settings.unit ?? (protocol.kind === 'polled' ? protocol.unit : 0);
    this.#station = parts.wire.join((frame, heard) => this.#hear(frame, heard));
    this.#pushLater();
  }

  get truth(): MeterReading {
    return this.#set ?? this.#flow();
  }

  /** Null: what flows again. */
  measure(truth: MeterReading | null): void {
    this.#set = truth;
  }

  /** What it measures while nothing is set by hand. */
  follow(flow: () => MeterReading): void {
    this.#flow = flow;
  }

  faults(): Faults {
    return this.#faults;
  }

  /** Sets the switches that are named and leaves the others. */
  setFaults({ power_cut, banner: _banner, ...switches }: FaultChange): void {
    this.#faults = { ...this.#faults, ...switches };
    if (power_cut) this.cutPower(power_cut);
  }

  cutPower(deadMs: number): void {
    this.#aliveSinceMs = Number.POSITIVE_INFINITY;
    this.#station.fallSilent();
    this.#cancelWaking();
    this.#cancelWaking = this.#parts.clock.after(deadMs, () => {
      this.#aliveSinceMs = this.#parts.clock.nowMs();
    });
  }

  /** No timer is left behind. */
  close(): void {
    this.#cancelPush();
    this.#cancelWaking();
  }

  #hear(frame: Uint8Array, { startedMs, endedMs }: Heard): void {
    const { protocol } = this.#settings;
    if (protocol.kind !== 'polled' || this.#faults.mute || startedMs < this.#aliveSinceMs) return;
    for (const copy of afflict(frame, 'requests', this.#faults, this.#parts.random)) {
      const reply = protocol.hear(copy, this.unit, this.truth);
      if (reply) this.#say(reply, endedMs + (this.#settings.deviceTimeMs ?? DEVICE_TIME_MS));
    }
  }

  #pushLater(): void {
    const { protocol } = this.#settings;
    if (protocol.kind !== 'pushed') return;
    const { clock } = this.#parts;
    this.#cancelPush = clock.after(protocol.everyMs, () => {
      this.#say(protocol.telegram(this.truth, clock.wallMs()), clock.nowMs());
      this.#pushLater();
    });
  }

  #say(bytes: Uint8Array, notBeforeMs: number): void {
    if (this.#faults.mute || this.#aliveSinceMs === Number.POSITIVE_INFINITY) return;
    for (const copy of afflict(bytes, 'replies', this.#faults, this.#parts.random))
      this.#station.send(copy, notBeforeMs + this.#faults.delay_ms);
  }
}
