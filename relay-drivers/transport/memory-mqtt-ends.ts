import type { MqttMessage } from './mqtt.ts';

/** One connection, as the broker sees it. */
export interface Connection {
  /** A message passes the broker: taken, if it is subscribed to. */
  route(message: MqttMessage): void;
  /** The broker stopped, or cut it. */
  lose(reason: string): void;
}

/** The broker, as a connection sees it. */
export interface Exchange<Client> {
  readonly isUp: boolean;
  publish(from: string, topic: string, payload: Uint8Array, isRetained: boolean): void;
  retained(filter: string): MqttMessage[];
  cut(topic: string): void;
  /** The connection ended; `will` tells of it what is to be told. */
  left(client: Client, will: (() => void) | null): void;
}
