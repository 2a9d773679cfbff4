import type {
  ApplianceView,
  DecisionView,
  DiscoveredView,
  EventMessage,
  HubInfo,
  LiveMessage,
  LoadView,
  MeterMessage,
  SnapshotMessage,
  ToggleAnswer,
} from '../wire.ts';
import { allLocks, type KnownLocks, locksAfter } from './locks.ts';
import { type KnownMeters, withMeasured } from './meters.ts';

/** An appliance and the commit that it is as old as: news travel over two roads and may overtake each other. */
export interface KnownAppliance {
  readonly view: ApplianceView;
  readonly seq: number;
}

/** The hub as the panel knows it. Never altered in place. */
export interface HubState {
  readonly hub: HubInfo;
  /** The last commit that the live feed told: where a lost connection resumes. */
  readonly feedSeq: number;
  readonly load: LoadView;
  readonly loadSeq: number;
  readonly appliances: ReadonlyMap<string, KnownAppliance>;
  readonly meters: KnownMeters;
  /** The devices on MQTT that are found now. */
  readonly discovered: readonly DiscoveredView[];
  /** The names that are locked or waited for. */
  readonly locks: KnownLocks;
  /** Newest first. */
  readonly decisions: readonly DecisionView[];
}

/** A phone shows no more, and a panel that stays open for weeks must not grow. */
export const MAX_DECISIONS = 80;

/** What the live feed says, and when on the panel's monotonic clock. Until the first snapshot there is no state. */
export function follow(state: HubState | null, message: LiveMessage, heardUpMs = 0): HubState | null {
  if (message.type === 'snapshot') return startOver(state, message, heardUpMs);
  if (state === null) return null;
  switch (message.type) {
    case 'event':
      return afterEvent(state, message, heardUpMs);
    case 'meter':
      return afterReading(state, message);
    case 'discovered':
      return { ...state, discovered: message.devices };
    case 'locks':
      return { ...state, locks: allLocks(message.locks, heardUpMs) };
    case 'ping':
    case 'reply':
      return state;
  }
}

/** A snapshot is the whole truth, even with an older seq: a restored hub counts from where its backup ended. */
function startOver(state: HubState | null, snapshot: SnapshotMessage, heardUpMs: number): HubState {
  const { hub, seq, discovered } = snapshot;
  const appliances = new Map(snapshot.appliances.map((view) => [view.id, { view, seq }]));
  const meters = new Map(snapshot.meters.map((meter) => [meter.id, meter]));
  const locks = allLocks(snapshot.locks, heardUpMs);
  const load = withMeasured(snapshot.load, meters);
  const isSameHistory = state !== null && state.hub.id === hub.id && state.feedSeq <= seq;
  const decisions = isSameHistory ? state.decisions : [];
  return { hub, feedSeq: seq, load, loadSeq: seq, appliances, meters, discovered, locks, decisions };
}

/** A meter's word is no commit: it has no seq, and the newest counts. */
function afterReading(state: HubState, { type: _type, ...meter }: MeterMessage): HubState {
  const meters = new Map(state.meters).set(meter.id, meter);
  return { ...state, meters, load: withMeasured(state.load, meters) };
}

function afterEvent(state: HubState, event: EventMessage, heardUpMs: number): HubState {
  if (event.seq <= state.feedSeq) return state;
  return {
    ...state,
    feedSeq: event.seq,
    ...newerLoad(state, event.load, event.seq),
    appliances: appliancesAfter(state, event),
    locks: locksAfter(state.locks, event.lock?.resources ?? [], heardUpMs),
    decisions: mergeDecisions(state.decisions, [event.decision]),
  };
}

function appliancesAfter(state: HubState, event: EventMessage): HubState['appliances'] {
  const id = event.appliance?.id ?? event.appliance_id;
  if (id === null) return state.appliances;
  const known = state.appliances.get(id);
  if (known !== undefined && known.seq >= event.seq) return state.appliances;
  const appliances = new Map(state.appliances);
  if (event.appliance !== null) appliances.set(id, { view: event.appliance, seq: event.seq });
  else if (event.kind === 'appliance_removed') appliances.delete(id);
  return appliances;
}

/**
 * The answer of a toggle often arrives before the live feed tells the same: it counts where it is newer than what is known.
 * A replayed answer (same idempotency key) is old and changes nothing.
 */
export function applyAnswer(state: HubState, answer: ToggleAnswer): HubState {
  const { appliance: view, load, decision } = answer;
  if (decision.seq === null) return state;
  const known = state.appliances.get(view.id);
  const isNews = decision.seq > (known?.seq ?? state.feedSeq);
  const appliances = isNews ? new Map(state.appliances).set(view.id, { view, seq: decision.seq }) : state.appliances;
  return { ...state, ...newerLoad(state, load, decision.seq), appliances };
}

function newerLoad(state: HubState, load: LoadView, seq: number): Pick<HubState, 'load' | 'loadSeq'> {
  if (seq <= state.loadSeq) return { load: state.load, loadSeq: state.loadSeq };
  return { load: withMeasured(load, state.meters), loadSeq: seq };
}

/** The list that was fetched, or one that came live: each line once, newest first, bounded. */
export function withDecisions(state: HubState, decisions: readonly DecisionView[]): HubState {
  return { ...state, decisions: mergeDecisions(state.decisions, decisions) };
}

function mergeDecisions(known: readonly DecisionView[], more: readonly DecisionView[]): readonly DecisionView[] {
  const bySeq = new Map([...more, ...known].map((decision) => [decision.seq, decision]));
  const newestFirst = [...bySeq.values()].sort((a, b) => b.seq - a.seq);
  return withoutOldRenewals(newestFirst).slice(0, MAX_DECISIONS);
}

/** A lease that is renewed every second must not push everything else out of the list: its newest renewal stands for all. */
function withoutOldRenewals(newestFirst: readonly DecisionView[]): readonly DecisionView[] {
  const told = new Set<string>();
  return newestFirst.filter(({ kind, reason }) => {
    if (kind !== 'lock_renewed' || reason === null) return true;
    const isNew = !told.has(reason);
    told.add(reason);
    return isNew;
  });
}
