import { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';
import type { MqttPort } from '../../relay-drivers/transport/mqtt.ts';

/**
 * A broker in memory for each device, and one end for the hub. A report then passes two connections instead of all of
 * them: a day of a hundred plugs is 8.6 million reports.
 */
export class DeviceBrokers {
  readonly port: MqttPort;
  readonly #brokers = new Map<string, MemoryBroker>();
  readonly #ports = new Map<string, MqttPort>();

  constructor() {
    const of = (topic: string) => this.#portOf(topic.slice(0, topic.indexOf('/')));
    this.port = {
      state: { isUp: true },
      onStateChange: () => () => undefined,
      subscribe: (filter, listener) => of(filter).subscribe(filter, listener),
      recall: (filter) => of(filter).recall(filter),
      send: (topic, payload) => of(topic).send(topic, payload),
      cut: (topic) => of(topic).cut(topic),
    };
  }

  /** Of the device of this name, which is the first level of all its topics. */
  of(name: string): MemoryBroker {
    const broker = this.#brokers.get(name) ?? new MemoryBroker();
    this.#brokers.set(name, broker);
    return broker;
  }

  #portOf(name: string): MqttPort {
    const port = this.#ports.get(name) ?? this.of(name).port();
    this.#ports.set(name, port);
    return port;
  }
}
