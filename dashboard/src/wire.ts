import type { z } from 'zod';
import type * as wire from '../../daemon/http/wire.ts';

/** What the hub says to the panel. Types only: no code of the daemon is ever part of the panel. */

export type ApplianceView = wire.Appliance;
export type LoadView = wire.Load;
export type CircuitView = LoadView['circuits'][number];
export type MeterView = wire.Meter;
export type DiscoveredView = wire.Discovered;
export type BrokerView = wire.Broker;
/** What an admin says of a found device. */
export type Adoption = z.input<typeof wire.adoptBody>;
export type LoadStatus = LoadView['status'];
export type DecisionView = wire.Decision;
export type Session = z.output<typeof wire.sessionNow>;
/** A name that is locked or waited for. */
export type LockView = wire.Resource;
/** One who holds it. */
export type LockHolderView = wire.Lock;
export type LockWaiterView = wire.LockWaiter;
/** What is asked of a lock. */
export type LockTerms = z.input<typeof wire.acquireBody>;
export type BusView = z.output<typeof wire.busList>['buses'][number];

export type PowerView = wire.Power;
export type PowerSeriesView = PowerView['sources'][number];
export type PowerPointView = PowerSeriesView['points'][number];
export type EnergyView = wire.Energy;
export type EnergySeriesView = EnergyView['sources'][number];
export type EnergyTotalView = EnergySeriesView['totals'][number];
export type HistoryStateView = z.output<typeof wire.historyState>;
export type ReplicationView = z.output<typeof wire.replication>;

export type LiveMessage = wire.LiveMessage;
export type SnapshotMessage = Extract<LiveMessage, { type: 'snapshot' }>;
export type EventMessage = Extract<LiveMessage, { type: 'event' }>;
export type MeterMessage = Extract<LiveMessage, { type: 'meter' }>;
export type DiscoveredMessage = Extract<LiveMessage, { type: 'discovered' }>;
export type HubInfo = SnapshotMessage['hub'];

/** The answer to a toggle. `seq` is null while the hub's ledger is down and an OFF went out all the same. */
export type ToggleAnswer = z.output<typeof wire.toggled>;

/** RFC 9457, with the fields that our codes add. A proxy in between may leave all but the code and status out. */
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
  readonly resource?: string;
  readonly holder?: string | null;
  readonly fencing_token?: number;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}
