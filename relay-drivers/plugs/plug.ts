import type { Clock } from '../clock.ts';
import type { Proof, RelayDriver, Terms } from '../driver.ts';
import type { MeterReading } from '../meter.ts';
import type { MqttMessage, MqttPort } from '../transport/mqtt.ts';
import { Channel } from './channel.ts';
import * as faults from './faults.ts';
import { Life } from './life.ts';
import { TIMES } from './limits.ts';
import { Listeners } from './listeners.ts';
import { Opening, type OpeningState } from './opening.ts';
import { Orders } from './orders.ts';
import type { PlugProtocol, PlugWord } from './protocol.ts';
import { Readings } from './readings.ts';
import { Speech } from './speech.ts';
import { States } from './states.ts';

export interface PlugParts {
  /** Of its `buses` entry; for words. */
  readonly id: string;
  readonly port: MqttPort;
  readonly clock: Clock;
  readonly protocol: PlugProtocol;
  /** A fault of ours, for the log: its family threw at a message. */
  readonly onFault?: (what: string, error: unknown) => void;
}

interface Relay {
  readonly channel: Channel;
  readonly orders: Orders;
}

/** One device on MQTT: relays to be switched and read, and what it tells by itself. */
export class Plug implements RelayDriver {
  readonly id: string;
  readonly channels: number;
  /** It tells power at least so often; null: it has no meter. */
  readonly powerEveryMs: number | null;
  readonly pace = { pollMs: TIMES.pollMs, lostPollMs: TIMES.lostPollMs };
  readonly #parts: PlugParts;
  readonly #speech: Speech;
  readonly #opening: Opening;
  readonly #life: Life;
  readonly #relays: readonly Relay[];
  readonly #readings: Readings;
  readonly #reports = new Listeners<[channel: number, isOn: boolean]>();
  readonly #powers = new Listeners<[channel: number, reading: MeterReading]>();
  readonly #troubles = new Listeners<[channel: number | null, what: string]>();
  #ends: readonly (() => void)[] = [];

  constructor(parts: PlugParts) {
    const { id, port, clock, protocol } = parts;
    this.id = id;
    this.channels = protocol.channels;
    this.powerEveryMs = protocol.powerEveryMs;
    this.#parts = parts;
    this.#speech = new Speech({ port, clock, protocol, isOpen: () => this.isOpen });
    this.#opening = new Opening(
      () => port.state,
      (reason, isGone) => this.#failAll(reason, isGone),
    );
    this.#life = new Life({
      clock,
      knock: (count) => this.#speech.knock(count),
      onProven: () => void (this.#countsKept && this.#speech.recall()),
    });
    this.#relays = Array.from({ length: this.channels }, (_, index) => this.#relay(index + 1));
    this.#readings = this.#makeReadings();
  }

  /** Nothing is sent before this, and nothing heard. */
  start(): void {
    const { port, protocol } = this.#parts;
    const ends = protocol.filters.map((filter) => port.subscribe(filter, (message) => this.#hear(message)));
    this.#ends = ends.concat(port.onStateChange(() => this.#opening.brokerChanged()));
    this.#opening.start();
  }

  /** Nothing is sent after this, and nothing told. */
  close(): void {
    for (const end of this.#ends) end();
    this.#ends = [];
    this.#opening.close();
    this.#reports.clear();
    this.#powers.clear();
    this.#troubles.clear();
  }

  get isOpen(): boolean {
    return this.#opening.state.isOpen;
  }

  get state(): OpeningState {
    return this.#opening.state;
  }

  onStateChange(listener: (state: OpeningState) => void): () => void {
    return this.#opening.onStateChange(listener);
  }

  setCoil(channel: number, isOn: boolean, terms: Terms): Promise<Proof> {
    const relay = this.#relays[channel - 1];
    if (relay === undefined) return Promise.reject(faults.missingChannel(this.id, channel, this.channels));
    const { state } = this;
    return state.isOpen ? relay.orders.add(isOn, terms) : Promise.reject(faults.closed(this.id, state.reason));
  }

  readCoils(terms: Terms): Promise<boolean[]> {
    const { state } = this;
    return state.isOpen ? this.#readings.add(terms) : Promise.reject(faults.closed(this.id, state.reason));
  }

  /** What is beyond doubt (channel.ts) and live. What is in doubt is asked again, and told then. */
  onReport(listener: (channel: number, isOn: boolean) => void): void {
    this.#reports.add(listener);
  }

  /** Pushed by the device, never what the broker kept. */
  onPower(listener: (channel: number, reading: MeterReading) => void): () => void {
    return this.#powers.add(listener);
  }

  /** It switched off by itself, and says why; null: not one channel alone. */
  onTrouble(listener: (channel: number | null, what: string) => void): () => void {
    return this.#troubles.add(listener);
  }

  abandon(channel: number): void {
    if (this.#relays[channel - 1] !== undefined) this.#speech.cut(channel);
  }

  #hear(message: MqttMessage): void {
    const words = this.#words(message);
    for (const word of message.isOfEarlierRun ? words.filter(isAbsence) : words) this.#take(word, message.isRetained);
    if (!message.isRetained && this.#countsKept && !words.every(isAbsence)) this.#life.heard();
  }

  /** What the broker keeps of it may count: it cannot be asked, or nobody tried. */
  get #countsKept(): boolean {
    return this.isOpen && this.#speech.canBeAsked !== true;
  }

  /** A family never throws. One that does is worth a line in the log, and not the hub. */
  #words(message: MqttMessage): readonly PlugWord[] {
    const { id, protocol, onFault } = this.#parts;
    try {
      return protocol.hear(message);
    } catch (error) {
      onFault?.(`${id}: a message on ${message.topic} broke its driver`, error);
      return [];
    }
  }

  #take(word: PlugWord, isRetained: boolean): void {
    if (word.kind === 'presence') return this.#told(word.isOnline, isRetained);
    // Of a device that is away somebody else speaks: a bridge that repeats what it remembers (wire-formats C5).
    if (!this.isOpen) return;
    if (isRetained) {
      if (word.kind === 'relay' && this.#countsKept && this.#life.isProven)
        this.#relays[word.channel - 1]?.channel.hearKept(word.isOn);
      return this.#readings.look();
    }
    this.#live(word);
  }

  /** Whoever came when nobody knew where it was did not hear what it was asked before: it is asked once more. */
  #told(isOnline: boolean, isRetained: boolean): void {
    const isFirstWord = this.#opening.told(isOnline);
    // A birth: what it said before was another life, or the first word of this one.
    if (!isRetained) this.#life.forget();
    if (isFirstWord && isOnline && !isRetained) this.#speech.ask();
  }

  #live(word: Exclude<PlugWord, { kind: 'presence' }>): void {
    switch (word.kind) {
      case 'relay':
        return this.#relays[word.channel - 1]?.channel.hear(word.isOn);
      case 'power':
        return this.#power(word.channel, word.reading);
      case 'answer':
        return this.#answered(word.question, word.isOk, word.detail);
      case 'here':
        return;
      case 'restarted':
        return this.#opening.restarted();
      case 'trouble':
        return this.#troubles.tell(word.channel, word.what);
    }
  }

  #power(channel: number, reading: MeterReading): void {
    if (this.#relays[channel - 1] === undefined || !Number.isSafeInteger(reading.powerMw)) return;
    this.#powers.tell(channel, reading);
  }

  #answered(question: number, isOk: boolean, detail: string | null): void {
    for (const { orders } of this.#relays) orders.answered(question, isOk, detail);
    this.#readings.answered(question, isOk, detail);
  }

  #certain(channel: number, isOn: boolean): void {
    this.#relays[channel - 1]?.orders.certain(isOn);
    this.#readings.told(channel, isOn);
    this.#reports.tell(channel, isOn);
  }

  #failAll(reason: string, isGone: boolean): void {
    const error = () => faults.closed(this.id, reason);
    this.#life.forget();
    const isOver = isGone && this.#speech.canBeAsked === false;
    for (const { channel } of this.#relays) {
      if (isOver) channel.gone();
      else channel.forget();
    }
    for (const { orders } of this.#relays) orders.failAll(error);
    this.#readings.failAll(error);
  }

  #relay(number: number): Relay {
    const { id, clock, protocol } = this.#parts;
    const speech = this.#speech;
    const ask = () => speech.ask() !== 'none';
    const channel = new Channel({ clock, ask, onCertain: (isOn) => this.#certain(number, isOn) });
    return { channel, orders: new Orders({ id, number, clock, protocol, channel, speech }) };
  }

  #makeReadings(): Readings {
    const { id, clock, protocol } = this.#parts;
    const speech = this.#speech;
    const channels = this.#relays.map(({ channel }) => channel);
    const states = new States({ channels, clock, speech, life: this.#life });
    return new Readings({ id, clock, timeoutMs: protocol.timeoutMs, states, speech });
  }
}

/**
 * All that counts of what a broker kept before its own start. Nobody was connected then, so whoever it says is there is
 * not there yet, and may have been switched by hand meanwhile: it tells each state anew when it comes (S2).
 */
function isAbsence(word: PlugWord): boolean {
  return word.kind === 'presence' && !word.isOnline;
}
