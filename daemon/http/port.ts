import type { Event } from '../core/events.ts';
import type { Answer, Input } from '../core/inputs.ts';
import type { Device, Token } from '../core/model.ts';
import type {
  ApplianceView,
  BrokerView,
  DecisionView,
  DiscoveredView,
  LoadView,
  LockChangeView,
  MeterView,
  ResourceView,
} from '../core/views.ts';
import type { HistoryPort } from './history-port.ts';

/** What the live feed says beside the event itself. Watts and names as clients see them. */
export interface LiveEvent {
  readonly event: Event;
  readonly decision: DecisionView;
  /** The appliance as it stands after the event; null when the event has none, or removed it. */
  readonly appliance: ApplianceView | null;
  readonly load: LoadView;
  /** What the event did to locks; null when it is about none. */
  readonly lock: LockChangeView | null;
}

/** While it is not up: what is probably wrong, and what to try. */
export interface BusHealth {
  readonly id: string;
  /** A board on a line, or a device on MQTT. */
  readonly kind: 'board' | 'plug';
  readonly driver: string | null;
  readonly path: string | null;
  readonly up: boolean;
  readonly reason: string | null;
  readonly advice: string | null;
}

/** What the HTTP edge needs of a hub; `hub.ts` gives it, a test may too. All reads are of committed state. */
export interface HubPort {
  readonly info: { readonly id: string; readonly name: string; readonly version: string; readonly simulated: boolean };
  /** Decided in the queue, durable, and (for toggles) confirmed by the relay when it resolves. Never rejects. */
  ask(input: Input): Promise<Answer>;
  /** Whoever waits for a lock under this id is gone: its wait ends in this turn, and `ask` resolves. */
  cancelWait(id: string): void;
  seq(): number;
  load(): LoadView;
  appliances(): ApplianceView[];
  appliance(id: string): ApplianceView | null;
  /** Resources that are held or waited for. */
  locks(): ResourceView[];
  /** One resource; of what nobody ever locked, that it is free. */
  lock(resource: string): ResourceView;
  /** Events after `afterSeq` as lines of the audit trail. Rejects when the ledger cannot be read. */
  decisions(afterSeq: number, limit: number): Promise<DecisionView[]>;
  meters(): MeterView[];
  /** Called whenever a meter's view changed, as often as that is. Returns what unsubscribes. */
  onMeter(listener: (meter: MeterView) => void): () => void;
  /** The devices on MQTT that were found and are there, adopted or not. */
  discovered(): DiscoveredView[];
  /** What was found under this id, ready to be adopted; null when it is not found, or not any more. */
  adoptable(id: string): Device | null;
  /** Called whenever `discovered` may have changed, as often as that is. Returns what unsubscribes. */
  onDiscovered(listener: () => void): () => void;
  /** Null: this hub does not speak MQTT. */
  mqtt(): BrokerView | null;
  readonly history: HistoryPort;
  /** Called after each committed event, in order. Returns what unsubscribes. */
  subscribe(listener: (live: LiveEvent) => void): () => void;
  /** Live tokens whose secret hashes to this; null when none or expired. */
  tokenByHash(secretHash: string): Token | null;
  tokens(): Token[];
  /** Accumulated uptime, for the expiry of sessions. */
  upMs(): number;
  /** Every relay was read back or given up as unknown. */
  isReady(): boolean;
  health(): {
    readonly ledger: 'ok' | 'stalled' | 'failed';
    readonly waiting: number;
    readonly buses: readonly BusHealth[];
  };
}
