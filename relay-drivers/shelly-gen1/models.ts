/** What a model has, as its announcement names it (wire-formats C2). */
export interface Gen1Model {
  readonly relays: number;
  /** Each relay has a meter of its own. */
  readonly isMetered: boolean;
}

const PLUG: Gen1Model = { relays: 1, isMetered: true };

/**
 * The makes with relays. Not metered: the Shelly 1 and 1L tell a `meters` entry that is always 0 or what somebody typed
 * in; the Shelly 2 has one meter for both relays; the clamps of EM and 3EM measure wires that need not be behind their relay.
 */
export const GEN1_MODELS: ReadonlyMap<string, Gen1Model> = new Map<string, Gen1Model>([
  ['SHSW-1', { relays: 1, isMetered: false }],
  ['SHSW-L', { relays: 1, isMetered: false }],
  ['SHSW-PM', PLUG],
  ['SHSW-21', { relays: 2, isMetered: false }],
  ['SHSW-25', { relays: 2, isMetered: true }],
  ['SHSW-44', { relays: 4, isMetered: true }],
  ['SHPLG-1', PLUG],
  ['SHPLG-S', PLUG],
  ['SHPLG-U1', PLUG],
  ['SHPLG2-1', PLUG],
  ['SHUNI-1', { relays: 2, isMetered: false }],
  ['SHEM', { relays: 1, isMetered: false }],
  ['SHEM-3', { relays: 1, isMetered: false }],
]);
