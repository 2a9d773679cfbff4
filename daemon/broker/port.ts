import type { MqttPort } from '../../relay-drivers/transport/mqtt.ts';
import type { MqttRole, MqttUser } from '../core/model.ts';

/** Who published. Over an external broker all are one: nobody there says who it was. */
export interface Publisher {
  /** `mqtt:<user>`; over an external broker `mqtt:<host>`. */
  readonly principal: string;
  readonly name: string;
  readonly role: MqttRole;
}

/** What somebody published for the hub. */
export interface Request {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** It was published to be kept: ignored and reported, for it would come again with every start. */
  readonly isRetained: boolean;
  readonly from: Publisher;
}

/** The edge to the broker, embedded or external: devices on one side, the hub's own topics on the other. */
export interface Broker extends MqttPort {
  /**
   * The hub speaks. Resolves when the broker has it; rejects while it is not reached, and when it was lost meanwhile.
   * One at a time: aedes loses QoS 1 messages that are published together with QoS 0 ones (durability.md).
   */
  publish(topic: string, payload: string, how: { readonly qos: 0 | 1; readonly retain: boolean }): Promise<void>;
  /** What others publish to these topics, live and (marked) retained. Returns what ends it. */
  onRequest(filter: string, listener: (request: Request) => void): () => void;
  /** For people: where clients connect, `mqtt://host:port`; with the port that it got. */
  readonly url: string;
  close(): Promise<void>;
}

/** Who may connect to the embedded broker; looked up with each CONNECT. */
export interface UserBook {
  find(name: string): MqttUser | null;
  /** A user was removed or changed: its connections end. Returns what ends it. */
  onChange(listener: (name: string) => void): () => void;
}
