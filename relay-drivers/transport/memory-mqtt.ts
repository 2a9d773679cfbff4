import { MemoryClient, type MemoryClientOptions } from './memory-mqtt-client.ts';
import type { Connection, Exchange } from './memory-mqtt-ends.ts';
import { MemoryMqttPort } from './memory-mqtt-port.ts';
import type { MqttMessage, MqttPort } from './mqtt.ts';
import { topicMatches } from './mqtt-filter.ts';

/** A message as it passes the broker. */
export interface Routed {
  readonly topic: string;
  readonly payload: string;
  readonly isRetained: boolean;
  /** The name of who published it. */
  readonly from: string;
}

/**
 * An MQTT broker that exists in memory only, for tests and the simulation: retained messages, last wills, order per
 * publisher, and QoS 0, so that what finds nobody is gone. Nothing is delivered inside the publisher's own call.
 */
export class MemoryBroker implements Exchange<MemoryClient> {
  readonly #connections = new Set<Connection>();
  readonly #clients = new Map<string, MemoryClient>();
  readonly #ports = new Set<MemoryMqttPort>();
  readonly #retained = new Map<string, Uint8Array>();
  readonly #watchers = new Set<(message: Routed) => void>();
  #isUp = true;
  #clientCount = 0;

  get isUp(): boolean {
    return this.#isUp;
  }

  /** The hub's end. It stands over `stop` and `start`; a client does not. */
  port(name = 'hub'): MqttPort {
    const port = new MemoryMqttPort(this, name);
    this.#ports.add(port);
    if (this.#isUp) this.#connections.add(port);
    return port;
  }

  /** A device's connection. One more of the same name takes its place; a stopped broker loses it at once. */
  client(name = `client-${this.#clientCount}`, options: MemoryClientOptions = {}): MemoryClient {
    this.#clientCount += 1;
    this.#clients.get(name)?.lose('another client of this name connected');
    const client = new MemoryClient(this, name, options);
    if (this.#isUp) {
      this.#clients.set(name, client);
      this.#connections.add(client);
    } else client.lose('the broker is not reached');
    return client;
  }

  /** Everybody is lost, and no will is told: who would tell it. Retained messages outlast it. */
  stop(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    for (const connection of [...this.#connections]) connection.lose('the broker stopped');
    this.#connections.clear();
    this.#clients.clear();
  }

  start(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    for (const port of this.#ports) {
      this.#connections.add(port);
      port.connected();
    }
  }

  /** The retained messages are gone, as with a broker that keeps none. */
  forget(): void {
    this.#retained.clear();
  }

  /** Hears of each message when it passes, before anybody else. Returns what ends it. */
  watch(watcher: (message: Routed) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  // What follows is for the two kinds of connections.

  publish(from: string, topic: string, payload: Uint8Array, isRetained: boolean): void {
    if (!this.#isUp) return;
    if (isRetained) this.#retain(topic, payload);
    const text = new TextDecoder().decode(payload);
    for (const watcher of this.#watchers) watcher({ topic, payload: text, isRetained, from });
    // To those who are connected it is live, whether it is kept or not (3.3.1.3).
    for (const connection of [...this.#connections]) connection.route({ topic, payload, isRetained: false });
  }

  retained(filter: string): MqttMessage[] {
    return [...this.#retained]
      .filter(([topic]) => topicMatches(filter, topic))
      .map(([topic, payload]) => ({ topic, payload, isRetained: true }));
  }

  /** Who takes this topic by a filter of its own is cut; who listens to all that there is has nothing to switch. */
  cut(topic: string): void {
    for (const client of [...this.#clients.values()]) if (client.takes(topic)) client.lose('the broker cut it');
  }

  left(client: MemoryClient, will: (() => void) | null): void {
    this.#connections.delete(client);
    if (this.#clients.get(client.name) === client) this.#clients.delete(client.name);
    will?.();
  }

  #retain(topic: string, payload: Uint8Array): void {
    this.#retained.delete(topic);
    if (payload.length > 0) this.#retained.set(topic, payload);
  }
}
