import type { Clock } from '../clock.ts';
import type { Connection, Exchange } from './memory-mqtt-ends.ts';
import { Lane } from './memory-mqtt-lane.ts';
import type { MqttMessage } from './mqtt.ts';
import { topicMatches } from './mqtt-filter.ts';

export interface MemoryClientOptions {
  readonly will?: { readonly topic: string; readonly payload: string; readonly isRetained?: boolean };
  /** Needed for a delay. */
  readonly clock?: Clock;
  /** How long a message takes, each way. */
  readonly delayMs?: number;
  /** The part of its messages that is lost, 0 to 1; `random` throws the dice. */
  readonly lossRate?: number;
  readonly random?: () => number;
}

export type DeviceListener = (topic: string, payload: string, isRetained: boolean) => void;

const NO_MS = 0;

/** A device's connection to a `MemoryBroker`. When it is lost it stays lost: a device connects anew. */
export class MemoryClient implements Connection {
  readonly name: string;
  /** May be changed at any time; order is kept. */
  delayMs: number;
  lossRate: number;
  readonly #broker: Exchange<MemoryClient>;
  readonly #options: MemoryClientOptions;
  readonly #toBroker: Lane;
  readonly #toDevice: Lane;
  readonly #subscriptions = new Set<{ readonly filter: string; readonly listener: DeviceListener }>();
  readonly #lostListeners = new Set<(reason: string) => void>();
  #isConnected = true;
  #isFrozen = false;
  /** It was lost while it was frozen, and does not know yet. */
  #unheardLoss: string | null = null;

  constructor(broker: Exchange<MemoryClient>, name: string, options: MemoryClientOptions) {
    this.name = name;
    this.delayMs = options.delayMs ?? NO_MS;
    this.lossRate = options.lossRate ?? 0;
    this.#broker = broker;
    this.#options = options;
    const later = (run: () => void) => this.#later(run);
    this.#toBroker = new Lane(later);
    this.#toDevice = new Lane(later);
  }

  /** As the broker sees it. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  publish(topic: string, payload: string | Uint8Array, { retain = false }: { readonly retain?: boolean } = {}): void {
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload.slice();
    this.#put(this.#toBroker, () => this.#broker.publish(this.name, topic, bytes, retain));
  }

  /** Retained messages come first. Returns what ends it. */
  subscribe(filter: string, listener: DeviceListener): () => void {
    const subscription = { filter, listener };
    const asked = (): void => {
      if (!this.#isConnected) return;
      this.#subscriptions.add(subscription);
      for (const message of this.#broker.retained(filter)) this.#tell(message, [listener]);
    };
    // Never lost: a device waits for the broker's answer to it, and asks again.
    if (this.delayMs === NO_MS && !this.#isFrozen) asked();
    else if (this.#isConnected) this.#toBroker.put(asked);
    return () => this.#subscriptions.delete(subscription);
  }

  /** The connection ended otherwise than by `close`. */
  onLost(listener: (reason: string) => void): () => void {
    this.#lostListeners.add(listener);
    return () => this.#lostListeners.delete(listener);
  }

  /** With a farewell; without one it is as if its power was cut, and its will is told. */
  close(isGraceful = true): void {
    this.#end(isGraceful);
  }

  /** The connection stalls both ways, and neither end knows; what was said meanwhile arrives when it thaws. */
  freeze(): void {
    this.#isFrozen = true;
    this.#toBroker.freeze();
    this.#toDevice.freeze();
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#toBroker.thaw();
    this.#toDevice.thaw();
    const reason = this.#unheardLoss;
    this.#unheardLoss = null;
    if (reason !== null) this.#tellLost(reason);
  }

  route(message: MqttMessage): void {
    const listeners = [...this.#subscriptions].filter(({ filter }) => topicMatches(filter, message.topic));
    const distinct = new Set(listeners.map(({ listener }) => listener));
    if (distinct.size > 0) this.#tell(message, [...distinct]);
  }

  /** It subscribed to this topic, and not just to all that there is. */
  takes(topic: string): boolean {
    return [...this.#subscriptions].some(({ filter }) => filter !== '#' && topicMatches(filter, topic));
  }

  lose(reason: string): void {
    if (!this.#isConnected) return;
    this.#end(false);
    if (this.#isFrozen) this.#unheardLoss = reason;
    else queueMicrotask(() => this.#tellLost(reason));
  }

  #end(isGraceful: boolean): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#toBroker.drop();
    this.#toDevice.drop();
    const { will } = this.#options;
    const told = () =>
      will &&
      this.#broker.publish(this.name, will.topic, new TextEncoder().encode(will.payload), will.isRetained ?? false);
    this.#broker.left(this, isGraceful ? null : told);
  }

  #tell({ topic, payload, isRetained }: MqttMessage, listeners: readonly DeviceListener[]): void {
    const text = new TextDecoder().decode(payload);
    this.#put(this.#toDevice, () => {
      for (const listener of listeners) listener(topic, text, isRetained);
    });
  }

  #put(lane: Lane, arrive: () => void): void {
    const { random } = this.#options;
    if (!this.#isConnected || (random !== undefined && random() < this.lossRate)) return;
    if (!lane.put(arrive)) this.lose('it is owed too much');
  }

  #later(run: () => void): void {
    const { clock } = this.#options;
    if (clock === undefined || this.delayMs === NO_MS) queueMicrotask(run);
    else clock.after(this.delayMs, run);
  }

  #tellLost(reason: string): void {
    for (const listener of this.#lostListeners) listener(reason);
  }
}
