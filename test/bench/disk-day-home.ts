import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Event } from '../../daemon/core/events.ts';
import type { Input } from '../../daemon/core/inputs.ts';
import type { ApplianceSettings } from '../../daemon/core/model.ts';
import { emptyState } from '../../daemon/core/state.ts';
import { Hub } from '../../daemon/hub.ts';
import { Reserve } from '../../daemon/ledger/reserve.ts';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import { Plugs, plugBuses } from '../../daemon/plugs.ts';
import { Timeline } from '../../daemon/timeline.ts';
import { genericMqttEntry } from '../../relay-drivers/generic-mqtt/twin.ts';
import { type PlugSettings, plugSettings } from '../../relay-drivers/plug-registry.ts';
import { SimulatedPlug } from '../../relay-drivers/simulator/plug.ts';
import { PLUG_FAMILIES } from '../../relay-drivers/simulator/plug-flavours.ts';
import type { Random } from '../../relay-drivers/simulator/spoil.ts';
import type { VirtualClock } from '../drivers/virtual-clock.ts';
import { memoryPlug } from '../simulator/memory-plug.ts';
import { DeviceBrokers } from './disk-day-broker.ts';
import { ANNA, declaredLoad, HOUSEHOLD, toggle } from './in-process.ts';

const RATED_MW = 2_000_000;
/** Far above what all of them draw: a toggle here is granted. */
const LIMIT_MW = 1_000_000_000;

/** Its meter tells each second; everything of it is one topic. */
function settingsOf(name: string): PlugSettings {
  return plugSettings.parse({ ...genericMqttEntry(name, name, 1), power_every_s: 1 });
}

function applianceOn(name: string): ApplianceSettings {
  return { ...declaredLoad(name), ratedMw: RATED_MW, relay: { bus: name, channel: 1 } };
}

export interface DayHome {
  readonly hub: Hub;
  readonly plugs: readonly SimulatedPlug[];
  /** Of the ledger since the last look, by kind. */
  readonly eventKinds: Map<Event['kind'], number>;
  toggle(name: string, isOn: boolean): Promise<void>;
  close(): Promise<void>;
}

/** The hub as `voltsafe run` joins it, with a ledger that commits in this thread: the clock stands still meanwhile. */
export async function openDayHome(
  dataDir: string,
  names: readonly string[],
  clock: VirtualClock,
  random: Random,
): Promise<DayHome> {
  const store = openStore(dataDir);
  const brokers = new DeviceBrokers();
  const configured = names.map(settingsOf);
  const line = new Timeline(clock, 0);
  const hub = hubOn(store, configured, clock, line);
  const driven = new Plugs({ hub, port: brokers.port, clock, configured, onTrouble });
  const plugs = names.map((name) => plugOn(brokers, name, clock, random));
  const ask = async (input: Input) => {
    const answer = await hub.queue.ask(input);
    if (!answer.ok) throw new Error(answer.refusal.detail);
  };
  await clock.settled(hub.start());
  for (const plug of plugs) plug.start();
  const added = names.map((name) => ask({ kind: 'add_appliance', settings: applianceOn(name), who: ANNA }));
  await clock.settled(Promise.all(added));
  await clock.until(() => hub.isReady);
  const eventKinds = new Map<Event['kind'], number>();
  hub.onEvent(({ kind }) => eventKinds.set(kind, (eventKinds.get(kind) ?? 0) + 1));
  const close = async () => {
    driven.close();
    for (const plug of plugs) plug.close();
    await hub.close();
    line.close();
    store.close();
  };
  return { hub, plugs, eventKinds, toggle: (name, isOn) => ask(toggle(name, isOn)), close };
}

function onTrouble(what: string, error: unknown): void {
  console.error(what, error ?? '');
}

/** With its reserve, which is written before the day begins. */
function openStore(dataDir: string): LedgerStore {
  const reserve = new Reserve(join(dataDir, 'ledger.reserve'));
  const store = new LedgerStore(join(dataDir, 'ledger.db'), { bootId: 'bench', newOrigin: randomUUID, reserve });
  for (const step = store.refill(); step !== null && step.next().done !== true; );
  return store;
}

function hubOn(store: LedgerStore, configured: readonly PlugSettings[], clock: VirtualClock, line: Timeline): Hub {
  return new Hub({
    household: { ...HOUSEHOLD, limitMw: LIMIT_MW, nearLimitMw: LIMIT_MW, buses: plugBuses(configured, true) },
    buses: [],
    state: emptyState(),
    ledger: {
      append: async (events) => store.append(events),
      saveSnapshot: async (seq, state) => store.saveSnapshot(seq, state),
    },
    clock,
    now: () => line.now(),
    bootId: 'bench',
    onTrouble,
    onProgress: () => undefined,
  });
}

function plugOn(brokers: DeviceBrokers, name: string, clock: VirtualClock, random: Random): SimulatedPlug {
  const flavour = PLUG_FAMILIES['generic-mqtt'].twin;
  const connect = memoryPlug(brokers.of(name), name);
  return new SimulatedPlug({ name, flavour, channels: 1 }, { connect, clock, random });
}
