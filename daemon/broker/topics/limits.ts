/** Every bound of the hub's own topics, with its reason. */
export const TOPIC_LIMITS = {
  /** The longest set that makes sense has under 600 bytes. */
  setBytes: 1024,
  /** A scene of 50 lamps at once; nobody means more than 20 a second. OFF is never counted (S7). */
  setsBurst: 50,
  setsPerS: 20,
  /** Told that it is too much: beyond it a flood gets no answers, which would be a flood of ours. */
  refusalsBurst: 50,
  refusalsPerS: 20,
  /** Clients whose sets are counted; whoever was silent longest is forgotten, with a full allowance. */
  clients: 1_000,
  /** OFFs of one client for one appliance that wait for their answer; what comes then is asked as one, when one is answered. */
  offsUnderWay: 4,
  /** Of those that are asked as one, so many get an answer. */
  offsJoined: 20,
  /** Results that wait for the broker, about 1 kB each; the oldest goes. */
  results: 1_000,
  /** Retained topics that wait: as many as appliances may exist, with their state and what is cleared. */
  retained: 40_000,
  /** A figure that moves is not every watt. */
  powerEveryMs: 5_000,
  loadEveryMs: 1_000,
  /** Published in one go; then everything else has its turn. */
  slice: 50,
  /** The broker is there and did not take what it is to keep. */
  retryMs: 5_000,
  /** After connecting: what is kept of appliances that are gone arrives within it. */
  strayMs: 10_000,
  /** `offline` gets this long when the hub stops. */
  goodbyeMs: 1_000,
  /** The same trouble is logged once in a minute. */
  troubleEveryMs: 60_000,
} as const;
