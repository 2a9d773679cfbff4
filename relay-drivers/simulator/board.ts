import type { Clock } from '../clock.ts';
import { BANNER } from '../modbus-coils/twin.ts';
import { type FaultChange, type Faults, NO_FAULTS } from './faults.ts';
import { FLAVOURS, type FlavourName } from './flavours.ts';
import { afflict } from './frame-faults.ts';
import type { Heard, PacedWire, Station } from './paced-wire.ts';
import type { Bench, Flavour, Protocol } from './protocol.ts';
import { Pulses } from './pulses.ts';
import { type CoilTruth, RelayBank, type Transition, type TransitionListener } from './relay-bank.ts';
import type { Random } from './spoil.ts';

const MAX_CHANNELS = 64;
/** Between the end of a request and the start of its reply; real boards were seen with a few milliseconds. */
const DEVICE_TIME_MS = 0.5;

export interface BoardSettings {
  /** 1 to 64. */
  readonly channels: number;
  /** The make's factory address when absent; makes without addresses ignore it. */
  readonly unit?: number;
  /** One of the list, or a make that is not in it. */
  readonly flavour?: FlavourName | Flavour;
  readonly deviceTimeMs?: number;
}

export interface BoardParts {
  readonly wire: PacedWire;
  readonly clock: Clock;
  readonly random: Random;
}

/** A simulated relay board on a paced wire: relays, inputs, power and faults; what it says is its flavour's business. */
export class Board {
  readonly unit: number;
  readonly channels: number;
  readonly #flavour: Flavour;
  #protocol: Protocol;
  readonly #deviceTimeMs: number;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #relays: RelayBank;
  readonly #inputs: boolean[];
  readonly #pulses: Pulses;
  readonly #station: Station;
  readonly #bench: Bench;
  readonly #inputBench: Bench;
  #faults: Faults = NO_FAULTS;
  /** Infinity while there is no power. */
  #aliveSinceMs = Number.NEGATIVE_INFINITY;
  /** Until then the last frame keeps it busy. */
  #busyUntilMs = Number.NEGATIVE_INFINITY;
  #cancelWaking: (() => void) | null = null;

  constructor(settings: BoardSettings, { wire, clock, random }: BoardParts) {
    const { flavour = 'waveshare' } = settings;
    this.#flavour = typeof flavour === 'string' ? FLAVOURS[flavour] : flavour;
    this.#protocol = this.#flavour.protocol();
    this.unit = inRange('unit', settings.unit ?? this.#flavour.unit, 1, 255);
    this.channels = inRange('channels', settings.channels, 1, MAX_CHANNELS);
    this.#deviceTimeMs = settings.deviceTimeMs ?? DEVICE_TIME_MS;
    this.#clock = clock;
    this.#random = random;
    this.#relays = new RelayBank(this.channels, () => clock.nowMs());
    this.#inputs = new Array<boolean>(this.channels).fill(false);
    this.#pulses = new Pulses(clock);
    this.#bench = this.#makeBench('write');
    this.#inputBench = this.#makeBench('input');
    this.#station = wire.join((frame, heard) => this.#hear(frame, heard));
  }

  /** The physical truth. */
  coils(): CoilTruth[] {
    return this.#relays.coils();
  }

  /** Every move of a register or a contact, oldest first. */
  log(): readonly Transition[] {
    return this.#relays.log();
  }

  onTransition(listener: TransitionListener): () => void {
    return this.#relays.onTransition(listener);
  }

  faults(): Faults {
    return this.#faults;
  }

  /** Sets the switches that are named and leaves the others. */
  setFaults({ banner, power_cut, ...switches }: FaultChange): void {
    this.#faults = { ...this.#faults, ...switches };
    this.#relays.stick(this.#faults.stuck);
    this.#relays.weld(this.#faults.welded);
    if (power_cut) this.cutPower(power_cut);
    if (banner) this.#say(this.#flavour.powerUpText ?? BANNER, this.#clock.nowMs());
  }

  inputs(): readonly boolean[] {
    return [...this.#inputs];
  }

  setInput(input: number, isPressed: boolean): void {
    const at = inRange('input', input, 1, this.channels) - 1;
    if (this.#inputs[at] === isPressed) return;
    this.#inputs[at] = isPressed;
    if (this.#hasPower()) this.#protocol.inputChanged?.(input, isPressed, this.#inputBench);
  }

  /** Somebody pressed the board's own button: its relay flips, and nobody granted that (S9). */
  pressButton(channel: number): void {
    inRange('button', channel, 1, this.channels);
    if (!this.#hasPower()) return;
    this.#pulses.stop(channel);
    this.#relays.flip(channel, 'button');
  }

  /** All relays fall off, what was heard or about to be said is forgotten, and the board is dead for a while. */
  cutPower(deadMs: number): void {
    this.#aliveSinceMs = Number.POSITIVE_INFINITY;
    this.#pulses.stopAll();
    this.#relays.loseAll();
    this.#station.fallSilent();
    this.#cancelWaking?.();
    this.#cancelWaking = this.#clock.after(deadMs, () => this.#wake());
  }

  #wake(): void {
    this.#cancelWaking = null;
    this.#aliveSinceMs = this.#clock.nowMs();
    this.#protocol = this.#flavour.protocol();
    if (this.#flavour.powerUpText) this.#say(this.#flavour.powerUpText, this.#aliveSinceMs);
  }

  #hasPower(): boolean {
    return this.#aliveSinceMs !== Number.POSITIVE_INFINITY;
  }

  /** Of a frame that began before the power came back, the board heard only the tail. */
  #hear(frame: Uint8Array, { startedMs, endedMs }: Heard): void {
    if (this.#faults.mute || startedMs < Math.max(this.#aliveSinceMs, this.#busyUntilMs)) return;
    if (this.#flavour.busyMs !== undefined) this.#busyUntilMs = endedMs + this.#flavour.busyMs;
    for (const copy of afflict(frame, 'requests', this.#faults, this.#random)) this.#obey(copy, endedMs);
  }

  #obey(frame: Uint8Array, endedMs: number): void {
    const reply = this.#protocol.hear(frame, this.unit, this.#bench);
    if (!reply) return;
    const replyMs = endedMs + this.#deviceTimeMs + this.#faults.delay_ms;
    for (const copy of afflict(reply, 'replies', this.#faults, this.#random)) this.#say(copy, replyMs);
  }

  #say(bytes: Uint8Array, notBeforeMs: number): void {
    if (this.#hasPower() && !this.#faults.mute) this.#station.send(bytes, notBeforeMs);
  }

  #makeBench(cause: 'write' | 'input'): Bench {
    const set = (channel: number, isOn: boolean) => {
      this.#pulses.stop(channel);
      this.#relays.set(channel, isOn, cause);
    };
    return {
      channels: this.channels,
      registers: () => this.#relays.registers(),
      inputs: () => this.#inputs,
      set,
      flip: (channel) => set(channel, !this.#relays.registers()[channel - 1]),
      pulse: (channel, isOn, lengthMs) => {
        set(channel, isOn);
        this.#pulses.start(channel, lengthMs, () => this.#relays.set(channel, !isOn, 'pulse_end'));
      },
    };
  }
}

function inRange(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new RangeError(`${name} must be a whole number from ${low} to ${high}, got ${value}`);
}
