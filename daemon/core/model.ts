/** The nouns of the hub. Watts are integers in milliwatts (S4), times are `upMs`: milliseconds of accumulated uptime (S12). */

export type Role = 'viewer' | 'operator' | 'admin';
export type Source = 'http' | 'panel' | 'mqtt' | 'wall_switch' | 'cli' | 'hub';

/** Who asks: recorded with every decision (S8). */
export interface Who {
  /** Stable id, e.g. `token:3f2a`, `input:main/1`, `hub`. */
  readonly principal: string;
  readonly name: string;
  readonly role: Role;
  readonly source: Source;
}

/** Both clocks of one moment. `upMs` decides and survives restarts; `wallMs` is only shown. */
export interface Now {
  readonly upMs: number;
  /** When the input came in: what was asked in time is not late because a disk was slow. As `upMs` when absent. */
  readonly askedUpMs?: number;
  readonly wallMs: number;
}

export interface RelayBinding {
  readonly bus: string;
  /** From 1, as printed on the board. */
  readonly channel: number;
}

export type OnPowerLoss = 'stay_off' | 'restore';

/** What a person says about an appliance. */
export interface ApplianceSettings {
  readonly id: string;
  readonly name: string;
  readonly room: string | null;
  readonly icon: string | null;
  readonly ratedMw: number;
  /** Id of a circuit; `house` is the root. */
  readonly circuit: string;
  /** 0 to 100: the lowest is shed first. */
  readonly priority: number;
  /** Never shed. */
  readonly isProtected: boolean;
  /** Null: a declared load without hardware. */
  readonly relay: RelayBinding | null;
  readonly onPowerLoss: OnPowerLoss;
}

export type Reading = 'off' | 'on' | 'unknown';
export type Fault = 'unreachable' | 'stuck_on' | 'stuck_off';
/**
 * `ack`: the board acknowledged the write. `read`: its output register was read afterwards. The board cannot be read
 * back, so the state is only what it was told: `assumed` (an OFF frees its watts), `unproven` (an OFF frees nothing).
 */
export type Evidence = 'ack' | 'read' | 'assumed' | 'unproven';
export type Cause =
  | 'request'
  | 'lockout'
  | 'shed'
  | 'on_failed'
  | 'unasked'
  | 'adopted'
  | 'read_off'
  | 'retired'
  | 'withdrawn';

/** What a toggle shows to pass a lock; resource null: whichever of the appliance's resources has this token. */
export interface Claim {
  readonly resource: string | null;
  readonly token: number;
}

/** Who asked for an order, as far as locks are concerned: looked at again when its bytes leave. */
export interface Asker {
  readonly principal: string;
  readonly source: Source;
  readonly claims: readonly Claim[];
}

/** The standing order: what was last decided, whether or not the relay obeyed yet. */
export interface Order {
  readonly isOn: boolean;
  /** Grows with every order of this appliance; observations that started under an older one are dropped. */
  readonly generation: number;
  /** The relay was seen to obey this order. */
  readonly isSettled: boolean;
  /** Its attempts were used up at least once; an OFF is repeated all the same, until it is confirmed (S7). */
  readonly hasFailed: boolean;
  readonly cause: Cause;
  /** Who asked, for the locks are looked at again when its bytes leave; null where nobody did. */
  readonly asker: Asker | null;
}

export interface Appliance extends ApplianceSettings {
  readonly order: Order;
  readonly observed: Reading;
  readonly evidence: Evidence | null;
  readonly fault: Fault | null;
  /** It read on though it was ordered off: until it reads off, no word of its board but a reading proves an OFF. */
  readonly disobeyed: boolean;
  /** Its own meter says so: a welded contact, whose register reads off. It counts until that meter says otherwise. */
  readonly drawsWhileOff: boolean;
  /** Highest measured power since it went on; 0 when nothing measured. */
  readonly peakMw: number;
  /** Why an admin declared the relay physically disconnected; its watts are released until the board answers. */
  readonly retired: string | null;
  readonly updatedWallMs: number;
}

export interface CircuitSettings {
  readonly id: string;
  /** Null only for the root. */
  readonly parent: string | null;
  readonly limitMw: number;
}

export interface Circuit extends CircuitSettings {
  /** What admission counts: everything that is not confirmed off. */
  readonly reservedMw: number;
  /** What is known to be on and not being switched off: what shedding acts on. */
  readonly knownMw: number;
  /** The part of `reservedMw` that is ordered off on boards that cannot prove it. */
  readonly heldMw: number;
  /** The part of `reservedMw` and `knownMw` that no relay of ours switches. */
  readonly unmanagedMw: number;
  /** What a meter of this circuit measured beyond its appliances. */
  readonly backgroundMw: number;
  /** The unmanaged load of the circuits right below. */
  readonly childrenMw: number;
}

export interface BusSettings {
  readonly id: string;
  readonly channels: number;
  readonly isSimulated: boolean;
}

/** The part of the configuration that decisions depend on; recorded at each start. */
export interface Household {
  readonly hubId: string;
  readonly hubName: string;
  readonly limitMw: number;
  readonly nearLimitMw: number;
  readonly baseLoadMw: number;
  /** Without the root, which is `house` with `limitMw`. */
  readonly circuits: readonly CircuitSettings[];
  readonly buses: readonly BusSettings[];
  /** Circuits with a meter of their own: the only ones whose background outlives a start. Absent in old rows: none. */
  readonly metered?: readonly string[];
}

/** A device on MQTT that was found and adopted: a bus like those of the configuration, for as long as an appliance hangs on it. */
export interface Device extends BusSettings {
  readonly driver: string;
  /** As the family's schema took them, without `id` and `driver`. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export type MqttRole = 'device' | 'integration' | 'viewer';

/** Who may connect to the embedded broker. The password was made here, of 160 random bits; only its SHA-256 is kept. */
export interface MqttUser {
  readonly name: string;
  readonly role: MqttRole;
  /** Filters beyond what the role gives; never the hub's own topics, never a device's commands. */
  readonly topics: readonly string[];
  readonly secretHash: string;
  readonly createdWallMs: number;
}

/** A bearer of a role. Only the SHA-256 of the secret is kept. */
export interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly secretHash: string;
  /** `session`: came from the one-time link and lives in a cookie. */
  readonly use: 'api' | 'session';
  /** A user of MQTT for whom it takes locks: what that one sets shows their fencing tokens. */
  readonly mqttUser?: string;
  readonly createdWallMs: number;
  /** Accumulated uptime at which it ends; null: never. */
  readonly expiresUpMs: number | null;
}

export const HOUSE = 'house';

/** The hub itself, when nobody else asks. */
export const HUB: Who = { principal: 'hub', name: 'hub', role: 'operator', source: 'hub' };
