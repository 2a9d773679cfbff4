/** Every bound of the way to somebody else's broker, with its reason. */
export const EXTERNAL_LIMITS = {
  /** The largest message that makes sense is zigbee2mqtt's list of its devices: about 5 kB each, 200 devices. */
  packetBytes: 2 * 1024 * 1024,
  /** QoS 1 messages that the broker may have under way to the hub (MQTT 5, 3.1.2.11.3). */
  receiveMaximum: 100,
  /** A dead broker is noticed after one and a half of it. */
  keepAliveS: 15,
  /** From the first byte to the CONNACK. */
  connectMs: 5_000,
  /** From the CONNACK to the last SUBACK. */
  subscribeMs: 10_000,
  /** Half a second, doubled up to two: after an outage states are right again within 5 s (issue 4). */
  retryFirstMs: 500,
  retryAtMostMs: 2_000,
  /** After a refusal that no waiting mends: each attempt is a line in the broker's log. */
  refusedRetryMs: 10_000,
  /** So long may a ping take that proves that nothing of ours hangs in the connection (`cut`). */
  proofMs: 2_000,
  /** So long a command waits for the broker to answer a ping, and is dropped: well within the patience of an order (2 s). */
  heldMs: 1_000,
  /** All that wait for one answer: each relay of a large home, its question, and the calls of all finders. */
  heldCommands: 5_000,
  /** Unsent bytes beyond which the broker does not keep up, and commands are refused rather than piled up (S11). */
  backlogBytes: 64 * 1024,
  /** Messages until the event loop gets a turn: some 5 ms. */
  messagesPerTurn: 200,
  /** A goodbye gets this long. */
  closeMs: 1_000,
} as const;
