import type { LockEnd, LockMetadata, LockMode } from './locks/model.ts';
import type { Fault, OnPowerLoss, RelayBinding } from './model.ts';

/** The shapes that clients see (shared by HTTP, the live feed and later MQTT). Watts have at most three decimals. */

export type RelayState = 'off' | 'turning_on' | 'on' | 'turning_off' | 'unknown';
export type LoadStatus = 'safe' | 'near_limit' | 'over_limit';

export interface ApplianceView {
  readonly id: string;
  readonly name: string;
  readonly room: string | null;
  readonly icon: string | null;
  readonly wattage: number;
  readonly circuit: string;
  readonly priority: number;
  readonly protected: boolean;
  readonly relay: RelayBinding | null;
  readonly on_power_loss: OnPowerLoss;
  /** The standing order. */
  readonly is_on: boolean;
  readonly relay_state: RelayState;
  /** False: its board cannot be read back, so `relay_state` is what it was last told. */
  readonly verified: boolean;
  readonly fault: Fault | null;
  /** Reason given when the relay was declared disconnected. */
  readonly retired: string | null;
  /** The relay is a simulated one. */
  readonly simulated: boolean;
  /** What it counts against the limit now: 0 only when confirmed off. */
  readonly reserved_w: number;
  /** What its own meter says; else measured peak or rated power when on, 0 when off, null when unknown. */
  readonly power_w: number | null;
  readonly updated_at: string;
}

export interface CircuitView {
  readonly id: string;
  readonly parent: string | null;
  readonly limit_w: number;
  readonly reserved_w: number;
  readonly headroom_w: number;
  readonly status: LoadStatus;
}

export interface LoadView {
  readonly limit_w: number;
  readonly near_limit_w: number;
  readonly reserved_w: number;
  /** What the meter of the house says; null while there is none, or it is silent. Export is negative. */
  readonly measured_w: number | null;
  readonly headroom_w: number;
  readonly utilization: number;
  readonly status: LoadStatus;
  readonly circuits: readonly CircuitView[];
}

export interface MeterView {
  readonly id: string;
  readonly driver: string;
  /** `house`, `circuit:<id>` or `appliance:<id>`. */
  readonly measures: string;
  /** Import positive, export negative. Null before the first reading; a stale one keeps the last. */
  readonly power_w: number | null;
  readonly phases: readonly PhaseView[];
  readonly energy_import_wh: number | null;
  readonly energy_export_wh: number | null;
  /** Silent for too long: its figures are old, and decide nothing. */
  readonly stale: boolean;
  /** What is wrong, and what to do; null when nothing is. */
  readonly fault: string | null;
  /** When it was last read. */
  readonly at: string | null;
}

export interface PhaseView {
  readonly voltage_v: number | null;
  readonly current_a: number | null;
  readonly power_w: number | null;
}

/** A device that was found on MQTT. Its words are anybody's: plain text of at most 100 characters, and never believed. */
export interface DiscoveredView {
  /** Becomes the id of its bus. */
  readonly id: string;
  readonly driver: string;
  readonly name: string;
  readonly model: string | null;
  readonly channels: readonly DiscoveredChannelView[];
  readonly measures_power: boolean;
  /** At least one of its channels has an appliance; nothing of it is ever switched before. */
  readonly adopted: boolean;
  readonly simulated: boolean;
}

export interface DiscoveredChannelView {
  readonly channel: number;
  readonly name: string | null;
  /** Which appliance it switches; null while it is free. */
  readonly appliance: string | null;
}

/** Where the devices and integrations on MQTT meet. */
export interface BrokerView {
  /** A broker of the hub's own, or somebody else's. */
  readonly mode: 'embedded' | 'external';
  /** Where clients connect, without any password. */
  readonly url: string;
  readonly up: boolean;
  /** While it is not up: what is wrong, and what to try. */
  readonly reason: string | null;
  readonly advice: string | null;
  /** Connected now; null where the broker does not tell. */
  readonly clients: number | null;
}

/** A lease. What asks for it, and shows it, are the principal and the token together. */
export interface LockView {
  readonly resource: string;
  readonly mode: LockMode;
  readonly holder: string;
  readonly principal: string;
  readonly fencing_token: number;
  /** Null: a lockout, which ends only by hand. */
  readonly ttl_ms: number | null;
  /** From now; null: a lockout, or a lease that ended. */
  readonly expires_in_ms: number | null;
  readonly acquired_at: string;
  readonly metadata: LockMetadata | null;
  /** `pending`: a lockout whose OFFs are not confirmed yet; it keeps others out already. */
  readonly state: 'held' | 'pending' | LockEnd;
}

export interface LockWaiterView {
  readonly name: string;
  readonly principal: string;
  readonly mode: LockMode;
  /** All that it asked for, of which it gets all or nothing. */
  readonly resources: readonly string[];
  readonly waiting_since: string;
  readonly gives_up_in_ms: number;
}

/** A name that may be locked, whether or not anybody ever did. */
export interface ResourceView {
  readonly resource: string;
  readonly state: 'free' | 'held';
  /** The last that was given or burned; 0: never locked. */
  readonly fencing_token: number;
  readonly holding: number;
  readonly waiting: number;
  /** The first of them in lists and events; all of them where one resource is asked for. */
  readonly holders: readonly LockView[];
  readonly waiters: readonly LockWaiterView[];
}

/** What an event did to locks. */
export interface LockChangeView {
  readonly mode: LockMode | null;
  /** Whose lease or wait; null where the event ends one by itself. */
  readonly holder: string | null;
  readonly principal: string | null;
  /** The leases that it is about; none for a wait. */
  readonly grants: readonly { readonly resource: string; readonly fencing_token: number }[];
  readonly reason: string | null;
  /** Each resource that it touched, as it stands after the event. */
  readonly resources: readonly ResourceView[];
}

/** One line of the audit trail. Figures are those of the circuit that refused, or of the house. */
export interface DecisionView {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly source: string;
  readonly actor: string | null;
  readonly appliance: string | null;
  readonly outcome: 'granted' | 'refused' | 'unchanged' | 'confirmed' | 'failed' | 'observed' | 'recorded';
  readonly code: string | null;
  readonly reason: string | null;
  readonly is_on: boolean | null;
  readonly circuit: string | null;
  readonly requested_w: number | null;
  readonly exceeded_by_w: number | null;
  readonly reserved_w: number;
  readonly limit_w: number;
  /** Those that a request showed, or that an event of a lock is about. Resource null: whichever of the appliance's. */
  readonly fencing_tokens?: readonly { readonly resource: string | null; readonly fencing_token: number }[];
}
