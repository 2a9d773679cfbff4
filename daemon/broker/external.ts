import type { MqttClient } from 'mqtt';
import type { Clock } from '../../relay-drivers/clock.ts';
import type { MqttMessage, MqttState } from '../../relay-drivers/transport/mqtt.ts';
import type { MqttRole } from '../core/model.ts';
import type { LinkEnd } from './external-end.ts';
import { EXTERNAL_LIMITS } from './external-limits.ts';
import { Link, type Version } from './external-link.ts';
import { type Listener, type Subscription, Subscriptions } from './external-subscriptions.ts';
import type { WireTarget } from './external-wire.ts';
import type { Broker, Publisher, Request } from './port.ts';

export interface ExternalParts {
  /** `mqtt://host[:port]` or `mqtts://host[:port]`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM of the authority that signed the broker's certificate, where Node does not know it. */
  readonly ca?: string;
  /** What everybody on that broker may do: it does not tell who published. */
  readonly role?: MqttRole;
  readonly hubId: string;
  /** Published by the broker, retained, when the hub is gone without a word. */
  readonly will: { readonly topic: string; readonly payload: string };
  readonly clock: Clock;
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** Somebody else's broker. Returns at once: it is reached when it is there, and the hub goes on without it. */
export async function openExternal(parts: ExternalParts): Promise<Broker> {
  // Loaded only where it is used: some 10 MB.
  const { MqttClient } = await import('mqtt');
  return new ExternalBroker(parts, MqttClient);
}

class ExternalBroker implements Broker {
  readonly url: string;
  readonly #parts: ExternalParts;
  readonly #Client: typeof MqttClient;
  readonly #target: WireTarget;
  readonly #everybody: Publisher;
  readonly #subscriptions = new Subscriptions();
  readonly #stateListeners = new Set<(state: MqttState) => void>();
  #state: MqttState = { isUp: false, reason: 'the broker is being reached' };
  #link: Link | null = null;
  #version: Version = 5;
  #retryMs: number = EXTERNAL_LIMITS.retryFirstMs;
  #cancelRetry: () => void = () => undefined;
  #isClosed = false;

  constructor(parts: ExternalParts, Client: typeof MqttClient) {
    const { protocol, hostname, port } = new URL(parts.url);
    const isTls = protocol === 'mqtts:';
    const host = hostname.replace(/^\[|\]$/g, '');
    this.#target = {
      host,
      port: port === '' ? (isTls ? 8883 : 1883) : Number(port),
      isTls,
      ...(parts.ca === undefined ? {} : { ca: parts.ca }),
    };
    // Without a name and password that may stand in it.
    this.url = `${protocol}//${hostname}:${this.#target.port}`;
    this.#everybody = { principal: `mqtt:${host}`, name: host, role: parts.role ?? 'integration' };
    this.#parts = parts;
    this.#Client = Client;
    this.#connect();
  }

  get state(): MqttState {
    return this.#state;
  }

  onStateChange(listener: (state: MqttState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  subscribe(filter: string, listener: (message: MqttMessage) => void): () => void {
    return this.#listen(filter, false, (heard) => listener(heard));
  }

  onRequest(filter: string, listener: (request: Request) => void): () => void {
    return this.#listen(filter, true, (heard) => listener({ ...heard, from: this.#everybody }));
  }

  recall(filter: string): void {
    const subscription = this.#subscriptions.find(filter);
    if (subscription !== null) void this.#ask(subscription);
  }

  send(topic: string, payload: string): boolean {
    return this.#state.isUp && this.#link?.send(topic, payload) === true;
  }

  publish(topic: string, payload: string, how: { readonly qos: 0 | 1; readonly retain: boolean }): Promise<void> {
    if (this.#link === null || !this.#state.isUp) return Promise.reject(new Error(`${this.url} is not reached`));
    return this.#link.publish(topic, payload, how);
  }

  /**
   * Who listens at a broker that is not ours cannot be disconnected by us: what it took, it may still deliver. What it
   * did not take yet is ours, and must not arrive any more.
   */
  cut(_topic: string): void {
    this.#link?.prove();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry();
    const link = this.#link;
    this.#link = null;
    this.#become({ isUp: false, reason: 'the hub stops' });
    await link?.close();
  }

  #listen(filter: string, isForRequests: boolean, tell: Listener): () => void {
    const listener: Listener = (heard) => this.#guarded(filter, () => tell(heard));
    const subscription = this.#subscriptions.add(filter, isForRequests, listener);
    void this.#ask(subscription);
    return () => {
      if (this.#subscriptions.remove(subscription, listener)) this.#link?.unsubscribe(filter);
    };
  }

  /** Also again: with each SUBSCRIBE the broker sends what it keeps (3.8.4; MQTT 5: retain handling 0). */
  #ask(subscription: Subscription): Promise<void> {
    const link = this.#link;
    if (link === null) return Promise.resolve();
    return link.subscribe(subscription).catch((error: unknown) => {
      if (this.#link !== link) return;
      const { filter } = subscription;
      this.#parts.onTrouble(
        `${this.url} does not let the hub listen to ${filter}; see the access list of the broker`,
        error,
      );
    });
  }

  /** A listener of ours that throws must not take the connection with it. */
  #guarded(filter: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#parts.onTrouble(`a message on ${filter} was not understood`, error);
    }
  }

  #connect(): void {
    const { username, password, will, clock, hubId } = this.#parts;
    const link = new Link({
      Client: this.#Client,
      target: this.#target,
      version: this.#version,
      // The same each time: the broker then ends what is left of the connection before, and its last will with it.
      clientId: `voltsafe-${hubId}`,
      username,
      password,
      will,
      clock,
      onTaken: () => void this.#taken(link),
      onMessage: (heard, numbers) => {
        if (this.#link === link) this.#subscriptions.hear(heard, numbers);
      },
      onDropped: (bytes) =>
        this.#parts.onTrouble(`${this.url} sent a message of ${bytes} bytes; it is too large and was dropped`, null),
      onEnd: (end) => this.#ended(link, end),
    });
    this.#link = link;
  }

  async #taken(link: Link): Promise<void> {
    const cancel = this.#parts.clock.after(EXTERNAL_LIMITS.subscribeMs, () => link.drop(NO_SUBACK));
    await Promise.all(this.#subscriptions.all().map((one) => this.#ask(one)));
    cancel();
    if (this.#link !== link || !link.isUp) return;
    this.#retryMs = EXTERNAL_LIMITS.retryFirstMs;
    this.#become({ isUp: true });
  }

  #ended(link: Link, { kind, reason }: LinkEnd): void {
    if (this.#link !== link || this.#isClosed) return;
    this.#link = null;
    const isOlderWorthIt = kind === 'version' && this.#version === 5;
    this.#version = isOlderWorthIt ? 4 : 5;
    if (!isOlderWorthIt) this.#lost(`the broker ${this.url} is not reached: ${reason}`);
    this.#cancelRetry = this.#parts.clock.after(isOlderWorthIt ? 0 : this.#waitMs(kind), () => this.#connect());
  }

  #waitMs(kind: LinkEnd['kind']): number {
    const waitMs = this.#retryMs;
    this.#retryMs = Math.min(2 * waitMs, EXTERNAL_LIMITS.retryAtMostMs);
    return kind === 'refused' ? EXTERNAL_LIMITS.refusedRetryMs : waitMs;
  }

  /** Told once for each reason, not with each attempt. */
  #lost(reason: string): void {
    if (!this.#state.isUp && this.#state.reason === reason) return;
    this.#parts.onTrouble(reason, null);
    this.#become({ isUp: false, reason });
  }

  #become(state: MqttState): void {
    this.#state = state;
    for (const listener of [...this.#stateListeners]) listener(state);
  }
}

const NO_SUBACK = new Error('it did not answer a subscription');
