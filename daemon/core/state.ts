import type { Answer } from './inputs.ts';
import type { LockEnded, LockKept, LockRow, LockWaiter } from './locks/model.ts';
import type { Appliance, BusSettings, Circuit, Device, Household, MqttUser, Token } from './model.ts';
import { overlay, type Table } from './table.ts';

/** The first answer to a request with an idempotency key, or the place where it will stand. */
export interface Kept {
  readonly id: string;
  readonly hash: string;
  readonly appliance: string;
  readonly seq: number;
  readonly atUpMs: number;
  readonly atWallMs: number;
  readonly changed: boolean;
  /** The order that it waits for while `answer` is null. */
  readonly generation: number | null;
  readonly answer: Answer | null;
}

/** Everything the hub knows: the replay of its events. */
export interface State {
  seq: number;
  bootId: string;
  /** Orders below it were given before this start: nobody is carrying them out. */
  bootSeq: number;
  household: Household;
  readonly circuits: Table<Circuit>;
  readonly appliances: Table<Appliance>;
  applianceCount: number;
  /** `bus/channel` -> appliance. */
  readonly channels: Table<string>;
  /** Oldest first. */
  readonly kept: Table<Kept>;
  keptCount: number;
  /** Appliance -> ids of kept answers that wait for its standing order. */
  readonly waiting: Table<readonly string[]>;
  readonly tokens: Table<Token>;
  /** Adopted devices: buses that the configuration does not name. */
  readonly devices: Table<Device>;
  readonly mqttUsers: Table<MqttUser>;
  /** By resource; none is ever deleted. */
  readonly locks: Table<LockRow>;
  lockRows: number;
  /** The last token of a resource that was never locked: after a restore nobody knows which ones were. */
  tokenFloor: number;
  readonly lockWaiters: Table<LockWaiter>;
  /** Resources with a lockout that is not confirmed, or with a lock delay: to be looked at again. */
  readonly openLocks: Table<string>;
  /** Appliances whose order is under way and was given with fencing tokens. */
  readonly claimed: Table<string>;
  /** Principal -> held; `waits <principal>` -> waits. */
  readonly lockCounts: Table<number>;
  /** Oldest first. */
  readonly lockKept: Table<LockKept>;
  lockKeptCount: number;
  /** Oldest first. */
  readonly lockEnded: Table<LockEnded>;
  lockEndedCount: number;
}

const EMPTY_HOUSE: Household = {
  hubId: '',
  hubName: '',
  limitMw: 0,
  nearLimitMw: 0,
  baseLoadMw: 0,
  circuits: [],
  buses: [],
};

export function emptyState(): State {
  return {
    seq: 0,
    bootId: '',
    bootSeq: 0,
    household: EMPTY_HOUSE,
    circuits: new Map(),
    appliances: new Map(),
    applianceCount: 0,
    channels: new Map(),
    kept: new Map(),
    keptCount: 0,
    waiting: new Map(),
    tokens: new Map(),
    devices: new Map(),
    mqttUsers: new Map(),
    locks: new Map(),
    lockRows: 0,
    tokenFloor: 0,
    lockWaiters: new Map(),
    openLocks: new Map(),
    claimed: new Map(),
    lockCounts: new Map(),
    lockKept: new Map(),
    lockKeptCount: 0,
    lockEnded: new Map(),
    lockEndedCount: 0,
  };
}

/** A state to decide on while the one beneath stays as it was committed. */
export function draftOf(state: State): State {
  return {
    ...state,
    circuits: overlay(state.circuits),
    appliances: overlay(state.appliances),
    channels: overlay(state.channels),
    kept: overlay(state.kept),
    waiting: overlay(state.waiting),
    tokens: overlay(state.tokens),
    devices: overlay(state.devices),
    mqttUsers: overlay(state.mqttUsers),
    locks: overlay(state.locks),
    lockWaiters: overlay(state.lockWaiters),
    openLocks: overlay(state.openLocks),
    claimed: overlay(state.claimed),
    lockCounts: overlay(state.lockCounts),
    lockKept: overlay(state.lockKept),
    lockEnded: overlay(state.lockEnded),
  };
}

/** Of the configuration, or an adopted device. */
export function busOf({ household, devices }: State, id: string): BusSettings | undefined {
  return household.buses.find((bus) => bus.id === id) ?? devices.get(id);
}

export function channelKey(bus: string, channel: number): string {
  return `${bus}/${channel}`;
}

export function keptId(principal: string, key: string): string {
  return `${principal} ${key}`;
}
