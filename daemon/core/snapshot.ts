import { channelOf } from './appliance.ts';
import { layCircuits, noteClaims } from './capacity.ts';
import type { LockEnded, LockKept, LockRow, LockWaiter } from './locks/model.ts';
import { addWaiter, putRow } from './locks/table.ts';
import type { Appliance, Device, Household, MqttUser, Token } from './model.ts';
import { emptyState, type Kept, type State } from './state.ts';
import { type Backgrounds, backgrounds } from './unmanaged.ts';

/** Grows with the shape below: a snapshot of another shape is passed over, and the events are replayed instead. */
const SHAPE = 8;

interface Snapshot {
  readonly shape: number;
  readonly seq: number;
  readonly bootId: string;
  readonly bootSeq: number;
  readonly household: Household;
  readonly backgrounds: Backgrounds;
  readonly appliances: readonly Appliance[];
  readonly kept: readonly Kept[];
  readonly waiting: readonly (readonly [string, readonly string[]])[];
  readonly tokens: readonly Token[];
  readonly devices: readonly Device[];
  readonly mqttUsers: readonly MqttUser[];
  readonly tokenFloor: number;
  readonly locks: readonly LockRow[];
  readonly lockWaiters: readonly LockWaiter[];
  readonly lockKept: readonly LockKept[];
  readonly lockEnded: readonly LockEnded[];
}

/** The state as one JSON text, so that a restart replays only what came after it. */
export function writeSnapshot(state: State): string {
  const { seq, bootId, bootSeq, household, tokenFloor } = state;
  const appliances = [...state.appliances.values()];
  const waiting = appliances.flatMap(({ id }) => {
    const ids = state.waiting.get(id);
    return ids === undefined ? [] : [[id, ids] as const];
  });
  const kept = [...state.kept.values()];
  const tokens = [...state.tokens.values()];
  const devices = [...state.devices.values()];
  const mqttUsers = [...state.mqttUsers.values()];
  const start = { shape: SHAPE, seq, bootId, bootSeq, household, backgrounds: backgrounds(state) };
  const locks = [...state.locks.values()];
  const lockWaiters = [...state.lockWaiters.values()];
  const lockKept = [...state.lockKept.values()];
  const lockEnded = [...state.lockEnded.values()];
  const leases = { tokenFloor, locks, lockWaiters, lockKept, lockEnded };
  const snapshot: Snapshot = { ...start, appliances, kept, waiting, tokens, devices, mqttUsers, ...leases };
  return JSON.stringify(snapshot);
}

/** Reads a snapshot back; null when it is of another shape. Totals are counted anew. */
export function readSnapshot(text: string): State | null {
  const snapshot = JSON.parse(text) as Snapshot;
  if (snapshot.shape !== SHAPE) return null;
  const { seq, bootId, bootSeq, household, tokenFloor } = snapshot;
  const state: State = { ...emptyState(), seq, bootId, bootSeq, household, tokenFloor };
  for (const a of snapshot.appliances) addAppliance(state, a);
  for (const kept of snapshot.kept) state.kept.set(kept.id, kept);
  state.keptCount = snapshot.kept.length;
  for (const [id, ids] of snapshot.waiting) state.waiting.set(id, ids);
  for (const token of snapshot.tokens) state.tokens.set(token.id, token);
  for (const device of snapshot.devices) state.devices.set(device.id, device);
  for (const user of snapshot.mqttUsers) state.mqttUsers.set(user.name, user);
  addLocks(state, snapshot);
  layCircuits(state, household, snapshot.backgrounds);
  return state;
}

function addAppliance(state: State, a: Appliance): void {
  state.appliances.set(a.id, a);
  noteClaims(state, a);
  state.applianceCount += 1;
  const channel = channelOf(a);
  if (channel !== null) state.channels.set(channel, a.id);
}

/** What is counted beside the rows is counted anew. */
function addLocks(state: State, { locks, lockWaiters, lockKept, lockEnded }: Snapshot): void {
  for (const row of locks) putRow(state, row);
  for (const waiter of lockWaiters) addWaiter(state, waiter);
  for (const kept of lockKept) state.lockKept.set(kept.id, kept);
  state.lockKeptCount = lockKept.length;
  for (const ended of lockEnded) state.lockEnded.set(ended.id, ended);
  state.lockEndedCount = lockEnded.length;
}
