import type { Connection, Exchange } from './memory-mqtt-ends.ts';
import { Lane } from './memory-mqtt-lane.ts';
import type { MqttMessage, MqttPort, MqttState } from './mqtt.ts';
import { topicMatches } from './mqtt-filter.ts';

interface Subscription {
  readonly filter: string;
  readonly listener: (message: MqttMessage) => void;
}

/** The hub's end of a `MemoryBroker`. */
export class MemoryMqttPort implements MqttPort, Connection {
  readonly #broker: Exchange<unknown>;
  readonly #name: string;
  readonly #lane = new Lane(queueMicrotask);
  readonly #subscriptions = new Set<Subscription>();
  readonly #stateListeners = new Set<(state: MqttState) => void>();
  #state: MqttState;

  constructor(broker: Exchange<unknown>, name: string) {
    this.#broker = broker;
    this.#name = name;
    this.#state = broker.isUp ? { isUp: true } : { isUp: false, reason: 'the broker is not reached' };
  }

  get state(): MqttState {
    return this.#state;
  }

  onStateChange(listener: (state: MqttState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  subscribe(filter: string, listener: (message: MqttMessage) => void): () => void {
    const subscription = { filter, listener };
    this.#subscriptions.add(subscription);
    this.#tellRetained([subscription]);
    return () => this.#subscriptions.delete(subscription);
  }

  recall(filter: string): void {
    this.#tellRetained([...this.#subscriptions].filter((one) => one.filter === filter));
  }

  send(topic: string, payload: string): boolean {
    if (!this.#state.isUp) return false;
    this.#broker.publish(this.#name, topic, new TextEncoder().encode(payload), false);
    return true;
  }

  cut(topic: string): void {
    this.#broker.cut(topic);
  }

  connected(): void {
    this.#tellRetained([...this.#subscriptions]);
    this.#become({ isUp: true });
  }

  route(message: MqttMessage): void {
    this.#put(
      message,
      [...this.#subscriptions].filter(({ filter }) => topicMatches(filter, message.topic)),
    );
  }

  lose(reason: string): void {
    this.#lane.drop();
    this.#become({ isUp: false, reason });
  }

  #tellRetained(subscriptions: readonly Subscription[]): void {
    if (!this.#broker.isUp) return;
    for (const subscription of subscriptions)
      for (const message of this.#broker.retained(subscription.filter)) this.#put(message, [subscription]);
  }

  #put(message: MqttMessage, to: readonly Subscription[]): void {
    if (to.length === 0) return;
    this.#lane.put(() => {
      for (const subscription of to) if (this.#subscriptions.has(subscription)) subscription.listener(message);
    });
  }

  #become(state: MqttState): void {
    this.#state = state;
    for (const listener of [...this.#stateListeners]) listener(state);
  }
}
