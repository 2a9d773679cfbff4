import type { ApplianceView, DecisionView, LoadView } from '../../daemon/core/views.ts';

/** What the hub says to the panel. Types only: no code of the daemon is ever part of the panel. */

export type {
  ApplianceView,
  CircuitView,
  DecisionView,
  LoadStatus,
  LoadView,
  RelayState,
} from '../../daemon/core/views.ts';

export interface HubInfo {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly simulated: boolean;
}

export interface SnapshotMessage {
  readonly type: 'snapshot';
  readonly seq: number;
  readonly hub: HubInfo;
  readonly load: LoadView;
  readonly appliances: readonly ApplianceView[];
  readonly locks: readonly unknown[];
}

export interface EventMessage {
  readonly type: 'event';
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly decision: DecisionView;
  /** Null when the event has no appliance, or removed it. */
  readonly appliance: ApplianceView | null;
  readonly appliance_id: string | null;
  readonly load: LoadView;
}

export interface PingMessage {
  readonly type: 'ping';
  readonly at: string;
}

export type LiveMessage = SnapshotMessage | EventMessage | PingMessage;

export interface Session {
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'admin';
}

/** The answer to a toggle. `seq` is null while the hub's ledger is down and an OFF went out all the same. */
export interface ToggleAnswer {
  readonly appliance: ApplianceView;
  readonly changed: boolean;
  readonly load: LoadView;
  readonly decision: { readonly seq: number | null; readonly at: string };
}

/** RFC 9457, with the fields that our codes add. */
export interface Problem {
  readonly code: string;
  readonly title?: string;
  readonly detail?: string;
  readonly status: number;
  readonly circuit?: string;
  readonly limit_w?: number;
  readonly reserved_w?: number;
  readonly requested_w?: number;
  readonly exceeded_by_w?: number;
  readonly relay_state?: string;
  readonly holder?: string;
}
