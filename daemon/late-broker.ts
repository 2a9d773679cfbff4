import type { Clock } from '../relay-drivers/clock.ts';
import type { MqttMessage, MqttState } from '../relay-drivers/transport/mqtt.ts';
import type { Broker, Request } from './broker/port.ts';

export interface LateParts {
  readonly clock: Clock;
  /** As clients would reach it. */
  readonly url: string;
  /** Rejects with a reason while it cannot be opened: its port is taken, a file is missing. */
  readonly open: () => Promise<Broker>;
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** A taken port may be free in a moment, and a file be put where it belongs: without a start of the hub. */
const AGAIN_MS = 10_000;

/**
 * A broker that may not be there yet: the hub does not wait for it, and is not stopped by it. Whoever subscribes early
 * hears everything once it opens.
 */
export class LateBroker implements Broker {
  readonly #parts: LateParts;
  readonly #stateListeners = new Set<(state: MqttState) => void>();
  readonly #subscriptions = new Set<(inner: Broker) => void>();
  #inner: Broker | null = null;
  #reason = 'it is being opened';
  #isClosed = false;
  #attempt: Promise<boolean> = Promise.resolve(false);
  #cancelRetry: () => void = () => undefined;

  constructor(parts: LateParts) {
    this.#parts = parts;
  }

  /** Resolves after the first attempt, whatever came of it. */
  async start(): Promise<void> {
    if ((await this.#try()) || this.#isClosed) return;
    this.#parts.onTrouble(`MQTT cannot be served (${this.#reason}); it is tried again`, null);
    this.#retryLater();
  }

  get url(): string {
    return this.#inner?.url ?? this.#parts.url;
  }

  get state(): MqttState {
    return this.#inner?.state ?? { isUp: false, reason: this.#reason };
  }

  onStateChange(listener: (state: MqttState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  subscribe(filter: string, listener: (message: MqttMessage) => void): () => void {
    return this.#lasting((inner) => inner.subscribe(filter, listener));
  }

  onRequest(filter: string, listener: (request: Request) => void): () => void {
    return this.#lasting((inner) => inner.onRequest(filter, listener));
  }

  recall(filter: string): void {
    this.#inner?.recall(filter);
  }

  send(topic: string, payload: string): boolean {
    return this.#inner?.send(topic, payload) ?? false;
  }

  cut(topic: string): void {
    this.#inner?.cut(topic);
  }

  async publish(topic: string, payload: string, how: { readonly qos: 0 | 1; readonly retain: boolean }): Promise<void> {
    if (this.#inner === null) throw new Error(this.#reason);
    return this.#inner.publish(topic, payload, how);
  }

  /** Nothing is left of it, also of an attempt that is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry();
    await this.#attempt;
    await this.#inner?.close();
  }

  /** Stands before it is open, and after. */
  #lasting(subscribe: (inner: Broker) => () => void): () => void {
    let end: () => void = () => undefined;
    const begin = (inner: Broker) => {
      end = subscribe(inner);
    };
    this.#subscriptions.add(begin);
    if (this.#inner !== null) begin(this.#inner);
    return () => {
      this.#subscriptions.delete(begin);
      end();
    };
  }

  #retryLater(): void {
    this.#cancelRetry = this.#parts.clock.after(AGAIN_MS, () => {
      void this.#try().then((isOpen) => {
        if (!isOpen && !this.#isClosed) this.#retryLater();
      });
    });
  }

  #try(): Promise<boolean> {
    this.#attempt = this.#open();
    return this.#attempt;
  }

  async #open(): Promise<boolean> {
    const inner = await this.#parts.open().catch((error: unknown) => {
      this.#reason = error instanceof Error ? error.message : String(error);
      return null;
    });
    if (inner === null) return false;
    if (this.#isClosed) await inner.close();
    else this.#opened(inner);
    return true;
  }

  #opened(inner: Broker): void {
    this.#inner = inner;
    const tell = (state: MqttState) => {
      for (const listener of [...this.#stateListeners]) this.#guarded(() => listener(state));
    };
    for (const begin of [...this.#subscriptions]) this.#guarded(() => begin(inner));
    inner.onStateChange(tell);
    tell(inner.state);
  }

  /** The broker is open: what one listener makes of it is no reason to open it again. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#parts.onTrouble('a listener of MQTT failed', error);
    }
  }
}
