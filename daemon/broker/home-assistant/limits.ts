/**
 * A hub of 200 circuits whose ids have 64 characters comes to some 200 kB; an appliance to 2.5 kB. Beyond it something
 * is wrong, and nobody should be sent it.
 */
export const MAX_PAYLOAD_BYTES = 256 * 1024;

/** So many are looked at in one go; then everything else has its turn. 20,000 appliances take some seconds. */
export const SLICE = 20;
export const SLICE_PAUSE_MS = 2;

/** After connecting: what the broker kept of earlier runs arrives within it, and with no larger gaps than the first. */
export const HEARING = { quietMs: 1000, longestMs: 30_000 } as const;

/** The broker is reached and would not have it; each time it is left alone for twice as long. */
export const RETRY_MS = { first: 5000, most: 300_000 } as const;

/**
 * After its start Home Assistant hears of all its devices at once, and asks for this span of mercy. It loses nothing:
 * what we announced is retained, so it had it when it subscribed. Births within the span are answered once.
 */
export const BIRTH_WAIT_MS = { least: 1000, most: 5000 } as const;

/** Announcements of earlier runs that wait to be taken back: as many as appliances may exist. */
export const MAX_DUE = 40_000;
