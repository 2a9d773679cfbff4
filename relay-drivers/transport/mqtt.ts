/** The way to devices on MQTT, whoever the broker is. Time and order are the broker's; nothing here waits. */

export interface MqttMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Kept by the broker: said some time ago, by someone who may be gone since. */
  readonly isRetained: boolean;
  /**
   * Kept from before the broker started: who said it has not spoken since, and a last will may have been lost with the
   * broker. Only a broker that is the hub's own can tell.
   */
  readonly isOfEarlierRun?: true;
}

export type MqttState = { readonly isUp: true } | { readonly isUp: false; readonly reason: string };

export interface MqttPort {
  /** Up: the broker is reached, and what is subscribed to is heard. */
  readonly state: MqttState;
  /** Returns what ends it. */
  onStateChange(listener: (state: MqttState) => void): () => void;
  /**
   * Stands over reconnects. Retained messages come first, marked so, now and after each reconnect; those of one client
   * come in its order. Returns what ends it.
   */
  subscribe(filter: string, listener: (message: MqttMessage) => void): () => void;
  /** The retained messages of a filter that is subscribed to are told to its listeners again, marked so. */
  recall(filter: string): void;
  /** A command: QoS 0, not retained. False while the broker is not reached: nothing was sent, nothing is kept (S11). */
  send(topic: string, payload: string): boolean;
  /**
   * What was sent to this topic and may be under way still must not arrive any more (S11: a dead connection retransmits):
   * whose subscription covers it is disconnected, its unsent bytes are dropped. An external broker can only be told so.
   */
  cut(topic: string): void;
}
