/** Every bound of the HTTP edge, with its reason. */
export const HTTP_LIMITS = {
  /** The largest body that makes sense is an appliance: under 2 kB. */
  bodyBytes: 64 * 1024,
  /** What is read and dropped after a refused body, so that the client gets its 413 instead of a reset. */
  drainBytes: 32 * 1024 * 1024,
  /** Nothing of ours nests deeper than 2. */
  jsonDepth: 32,
  /** As much as the headers let in: what is too long is told so by the schema of its route. */
  paramChars: 16 * 1024,
  headerBytes: 16 * 1024,
  /** A browser holds 6 sockets, a live client one; a Pi's file handles end at 1024. */
  sockets: 800,
  /** Faults listed in one `invalid_request`. */
  errorsListed: 20,

  /** Time for a client to send its whole request. */
  requestMs: 30_000,
  headersMs: 10_000,
  /** Above the 15 s that a toggle may wait for its relay. */
  silentSocketMs: 60_000,
  keepAliveMs: 60_000,
  /** Answers under way get this long when the hub stops. */
  closeMs: 2_000,

  liveClients: 100,
  /** About an hour of an ordinary home; a browser that slept longer takes a new snapshot. */
  liveRing: 1000,
  /** An event has about 1.5 kB; a house of many circuits has larger ones, and keeps fewer. */
  liveRingBytes: 4 * 1024 * 1024,
  /** Beyond this backlog (about 700 events) a reader is too slow and is cut. */
  liveBacklogBytes: 1024 * 1024,
  /** Of one meter: a P1 meter talks once a second, others may talk more. */
  liveMeterMs: 1000,
  /** Of the list of found devices: a bridge that starts tells of all of its devices one by one. */
  liveDiscoveredMs: 1000,
  livePingMs: 5_000,
  /** Unanswered pings until a client counts as gone. */
  livePingsMissed: 3,
  /** A lock of many resources, as over HTTP. */
  liveInboundBytes: 64 * 1024,
  /** Verbs of one live client that are not answered yet. */
  liveVerbs: 100,

  resourceChars: 200,
  lockMetadataBytes: 2048,
  /** A year. */
  lockHoldMs: 365 * 86_400_000,
  /** Requests that hang until a lock is theirs: of one token, and of all. They must leave sockets to others. */
  lockWaitsOfOne: 256,
  lockWaits: 512,
  /** The same over live feeds, where a wait costs no socket. */
  liveWaitsOfOne: 1000,
  liveWaits: 2000,
  /** A client that vanished without a word is found out by its socket. */
  waitProbeMs: 10_000,

  /** A secret has 256 bits, so this only keeps noise out of the log. */
  failedLogins: 10,
  failedLoginsWindowMs: 60_000,
  addressesWatched: 1000,
  sessionMs: 30 * 24 * 3600 * 1000,
  sessionsPerToken: 20,
  linkMs: 30 * 60 * 1000,

  decisionsAtMost: 1000,

  /** Points of one answer, all sources together (issue 6). */
  powerPoints: 2000,
  /** Sources that one question names; `all` has no such bound. */
  historySources: 100,
  /** Questions to the power history at a time: what is written there must always find its turn (256 may wait). */
  historyQuestions: 32,
  /** CSV files under way; each holds one slice of so many rows. */
  exports: 4,
  exportRows: 360,
  /** What an export may span: twice as long as minutes and hours are kept, and what a calendar has. */
  exportDays: { minute: 400, hour: 3660, day: 84_000 },
} as const;
