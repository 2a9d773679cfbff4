import type { Clock } from '../clock.ts';
import type { ConnectPlug } from './plug-client.ts';
import { copiesOf, NO_PLUG_FAULTS, type PlugFaultChange, type PlugFaults } from './plug-faults.ts';
import { PlugLink } from './plug-link.ts';
import { PlugOutputs } from './plug-outputs.ts';
import type { PlugBody, PlugFirmware, PlugFlavour, Said } from './plug-twin.ts';
import type { CoilTruth, Transition, TransitionCause, TransitionListener } from './relay-bank.ts';
import type { Random } from './spoil.ts';

/** What a plug does when its power comes back. */
export type PowerOn = 'off' | 'on' | 'last';

export interface PlugSettings {
  /** A level of its topics, and its user name at the broker. */
  readonly name: string;
  readonly flavour: PlugFlavour;
  readonly channels: number;
  /** Watts drawn by each channel while its contact is closed; 0 where none are named. */
  readonly loadsW?: readonly number[];
  readonly powerOn?: PowerOn;
}

export interface PlugParts {
  readonly connect: ConnectPlug;
  readonly clock: Clock;
  readonly random: Random;
}

const VOLTAGE_V = 230;
/** What a frozen plug keeps unread, as the buffers of its connection would. */
const MAX_UNREAD = 1000;

interface Message {
  readonly topic: string;
  readonly payload: string;
}

/** A simulated plug as a client of a broker: outputs, button, power and faults; what it says is its firmware's business. */
export class SimulatedPlug {
  readonly name: string;
  readonly channels: number;
  readonly #settings: PlugSettings;
  readonly #parts: PlugParts;
  readonly #outputs: PlugOutputs;
  readonly #body: PlugBody;
  readonly #link: PlugLink;
  #firmware: PlugFirmware;
  #faults: PlugFaults = NO_PLUG_FAULTS;
  #unread: Message[] = [];
  #hasPower = false;
  #poweredAtMs = 0;
  #cancelReport: (() => void) | null = null;
  #cancelWaking: (() => void) | null = null;

  constructor(settings: PlugSettings, parts: PlugParts) {
    this.name = settings.name;
    this.channels = settings.channels;
    this.#settings = settings;
    this.#parts = parts;
    this.#outputs = new PlugOutputs(settings.channels, settings.loadsW ?? [], parts.clock);
    this.#firmware = settings.flavour(settings.name, settings.channels);
    this.#body = this.#makeBody();
    this.#link = new PlugLink({
      ...parts,
      will: () => this.#firmware.will,
      onUp: () => this.#up(),
      onMessage: (topic, payload) => this.#hear({ topic, payload }),
      onLost: () => this.#lost(),
    });
  }

  /** It is plugged in; with `last` it comes back as it was. */
  start(): void {
    if (!this.#hasPower) this.#powerUp();
  }

  /** It is taken away in order (graceful), or the cable is pulled. No timer is left behind. */
  close(isGraceful = true): void {
    this.#powerDown(isGraceful);
    this.#cancelWaking?.();
    this.#cancelWaking = null;
  }

  get isConnected(): boolean {
    return this.#link.isUp;
  }

  /** The physical truth. */
  coils(): CoilTruth[] {
    return this.#outputs.coils();
  }

  /** Every move of an output or a contact, oldest first. */
  log(): readonly Transition[] {
    return this.#outputs.log();
  }

  onTransition(listener: TransitionListener): () => void {
    return this.#outputs.onTransition(listener);
  }

  powerW(channel: number): number {
    return this.#outputs.powerW(channel);
  }

  energyWh(channel: number): number {
    return this.#outputs.energyWh(channel);
  }

  /** Something else is plugged in. */
  draw(channel: number, loadW: number): void {
    this.#outputs.draw(channel, loadW);
  }

  faults(): PlugFaults {
    return this.#faults;
  }

  /** Sets the switches that are named and leaves the others. */
  setFaults({ power_cut, ghost, ...switches }: PlugFaultChange): void {
    this.#faults = { ...this.#faults, ...switches };
    this.#outputs.setFaults(this.#faults);
    if (ghost) this.#link.publish({ ...ghost, isRetained: true }, 0);
    if (power_cut) this.cutPower(power_cut);
    this.#tendLink();
    if (!this.#faults.freeze) this.#readOn();
  }

  /** Somebody pressed its own button: the output flips, connected or not, and nobody granted that (S9). */
  pressButton(channel: number): void {
    if (this.#hasPower) this.#set(channel, !this.#outputs.register(channel), 'button');
  }

  /** Its telemetry, now and not when it is due. */
  report(): void {
    if (this.#link.isUp) this.#say(this.#firmware.report(this.#body));
  }

  /** The contacts open, the connection is gone without a word, and the plug is dead for a while. */
  cutPower(deadMs: number): void {
    this.#powerDown(false);
    this.#cancelWaking?.();
    this.#cancelWaking = this.#parts.clock.after(deadMs, () => this.#powerUp());
  }

  #powerDown(isGraceful: boolean): void {
    this.#hasPower = false;
    this.#outputs.losePower();
    this.#silence();
    this.#link.close(isGraceful);
  }

  #powerUp(): void {
    const { name, channels, flavour, powerOn = 'last' } = this.#settings;
    this.#cancelWaking?.();
    this.#cancelWaking = null;
    this.#hasPower = true;
    this.#poweredAtMs = this.#parts.clock.nowMs();
    this.#firmware = flavour(name, channels);
    for (let channel = 1; channel <= channels; channel += 1) {
      const isOn = powerOn === 'last' ? this.#outputs.register(channel) : powerOn === 'on';
      this.#outputs.set(channel, isOn, 'power_up');
    }
    this.#tendLink();
  }

  /** A frozen plug keeps the connection that it has and makes no new one. */
  #tendLink(): void {
    const { vanish, freeze } = this.#faults;
    if (vanish) {
      this.#silence();
      this.#link.close(false);
    } else if (this.#hasPower && !freeze) this.#link.open();
  }

  #up(): void {
    for (const filter of this.#firmware.filters) this.#link.subscribe(filter);
    this.#say(this.#firmware.connected(this.#body));
    // Plugs that were connected at once do not report at once.
    this.#reportIn(this.#firmware.reportEveryMs * (0.5 + this.#parts.random() / 2));
  }

  #lost(): void {
    this.#silence();
    // It notices, and does not come back before it thaws.
    if (this.#faults.freeze) this.#link.close(false);
  }

  #silence(): void {
    this.#unread = [];
    this.#cancelReport?.();
    this.#cancelReport = null;
  }

  #reportIn(delayMs: number): void {
    this.#cancelReport = this.#parts.clock.after(delayMs, () => {
      this.#reportIn(this.#firmware.reportEveryMs);
      this.report();
    });
  }

  #hear(message: Message): void {
    if (!this.#faults.freeze) return this.#obey(message);
    if (this.#unread.length < MAX_UNREAD) this.#unread.push(message);
  }

  #readOn(): void {
    const unread = this.#unread;
    this.#unread = [];
    for (const message of unread) this.#obey(message);
  }

  #obey({ topic, payload }: Message): void {
    const copies = copiesOf('requests', this.#faults, this.#parts.random);
    for (let copy = 0; copy < copies; copy += 1) this.#say(this.#firmware.received(topic, payload, this.#body));
  }

  #say(said: readonly Said[]): void {
    if (this.#faults.freeze) return;
    for (const one of said) {
      const copies = copiesOf('replies', this.#faults, this.#parts.random);
      for (let copy = 0; copy < copies; copy += 1) this.#link.publish(one, this.#faults.delay_ms);
    }
  }

  #set(channel: number, isOn: boolean, cause: TransitionCause): void {
    if (this.#outputs.set(channel, isOn, cause)) this.#say(this.#firmware.changed(channel, this.#body));
  }

  #makeBody(): PlugBody {
    const outputs = this.#outputs;
    const { clock } = this.#parts;
    const uptimeS = () => Math.floor((clock.nowMs() - this.#poweredAtMs) / 1000);
    return {
      channels: this.channels,
      isOn: (channel) => outputs.isOn(channel),
      set: (channel, isOn) => this.#set(channel, isOn, 'write'),
      powerW: (channel) => outputs.powerW(channel),
      energyWh: (channel) => outputs.energyWh(channel),
      voltageV: VOLTAGE_V,
      get uptimeS() {
        return uptimeS();
      },
      get unixS() {
        return clock.wallMs() / 1000;
      },
    };
  }
}
