const KB = 1024;
const MB = 1024 * KB;

/** Every bound of the embedded broker, with its reason. Checked in daemon/broker/embedded. */
export const BROKER_LIMITS = {
  /** aedes alone would keep all that a stranger sends (durability.md). Some clients send more behind their CONNECT. */
  bytesBeforeLogin: 64 * KB,
  /** All that a CONNECT may hold, at its longest: a will of 16 kB, and names. */
  connectPacketBytes: 20 * KB,
  /** Of all strangers together: 100 unfinished CONNECTs of 64 kB, and some room. */
  bytesBeforeLoginInAll: 8 * MB,
  /** A client sends CONNECT at once; this is for slow TLS on an ESP8266. */
  connectWithinMs: 5_000,
  /** Above the 511 that a listening socket queues: all devices come back at once after a restart. */
  strangers: 600,
  /** 1,000 plugs and their integrations, with room, and all strangers beside them: who means no good takes no client's place. */
  connections: 2_100,
  /** One device has one; reconnecting over bad Wi-Fi with new client ids leaves dead ones. The oldest goes. */
  connectionsPerUser: 20,

  /** A password has 160 random bits: this keeps noise out of the log and work off the hub. */
  failedLogins: 10,
  failedLoginsWindowMs: 60_000,
  addressesWatched: 1_000,

  /** `bridge/devices` of zigbee2mqtt, for some 150 devices, is the largest message known. */
  packetBytes: 1 * MB,
  /** Home Assistant subscribes in packets of some 500 filters. */
  controlPacketBytes: 64 * KB,
  /** Unfinished packets of all clients. */
  unfinishedBytesInAll: 16 * MB,
  /** Home Assistant's longest topics have about 120 characters. */
  topicChars: 256,
  /** The deepest FullTopic seen has 6; aedes itself fails above 100. */
  topicLevels: 16,
  clientIdChars: 128,
  userNameChars: 64,
  /** Generated passwords have some 30 characters. */
  passwordChars: 256,
  /** A will is `Offline`, or a small JSON. */
  willBytes: 16 * KB,

  /** ESPHome subscribes once for each component that takes commands. */
  subscriptionsOfDevice: 200,
  /** Home Assistant subscribes for each entity, each topic. */
  subscriptionsOfIntegration: 5_000,
  subscriptionsOfViewer: 100,
  /** QoS 2 publishes that wait for PUBREL; devices send one at a time. */
  inflightQos2: 100,

  /** A discovery burst of zigbee2mqtt has 1,500; the rate after it is far above a message per second and plug. */
  messagesBurst: 2_000,
  messagesPerSOfDevice: 200,
  messagesPerSOfIntegration: 500,

  /** What lies in the hub's memory for a client that reads too slowly: a device reads commands only. */
  backlogBytesOfDevice: 256 * KB,
  /** The retained messages of a large home are told in one go. */
  backlogBytesOfReader: 4 * MB,
  /** Above this, retained messages wait for the reader; live ones never do. */
  backlogPauseBytes: 128 * KB,
  /** Nothing left the hub's memory for so long: the reader is gone. */
  stalledMs: 30_000,

  /** Longer, and a dead peer is believed in for too long. Also of those that ask for none. */
  keepAliveS: 300,
  /** The first probe of TCP's own; finds dead peers that promised no pings. */
  tcpProbeMs: 30_000,
  /** How often silence is looked for. */
  sweepMs: 1_000,

  /** 1,000 plugs of 8 retained topics each, and Home Assistant's discovery of them. */
  retained: 10_000,
  retainedBytes: 16 * MB,
  /** zigbee2mqtt speaks for 100 devices; anything else has under 50. */
  retainedPerUser: 2_500,
  retainedBytesPerUser: 4 * MB,

  /** Sessions of clients that come back (clean=0). The one unseen for longest goes. */
  sessions: 2_000,
  sessionsPerUser: 20,
  /** QoS 1 messages kept for a client that is away. */
  queuedPerSession: 1_000,
  queuedBytesPerSession: 1 * MB,
  queuedBytes: 16 * MB,

  /** What is new reaches the disk within this. */
  journalSoonMs: 5_000,
  /** Values that only changed are written so seldom: an SD card wears out. */
  journalSeldomMs: 60_000,
  /** And at this mean rate at most: 170 MB a day. */
  journalBytesPerS: 2 * KB,
  /** The journal is written anew when so much of it is out of date, and more than what is not. */
  journalWasteBytes: 256 * KB,

  /** Refusals that are told one by one, per minute; the rest is counted. */
  refusalsTold: 20,
  refusalsWindowMs: 60_000,
} as const;
