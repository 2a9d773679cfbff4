import { onTestFinished, vi } from 'vitest';
import type { Broker } from '../../daemon/broker/port.ts';
import { HubTopics } from '../../daemon/broker/topics/hub-topics.ts';
import type { TopicsPort } from '../../daemon/broker/topics/port.ts';
import type { Event } from '../../daemon/core/events.ts';
import type { ApplianceSettings, Household, Who } from '../../daemon/core/model.ts';
import { emptyState } from '../../daemon/core/state.ts';
import { type Bus, Hub } from '../../daemon/hub.ts';
import { hubPort } from '../../daemon/hub-port.ts';
import type { Metered } from '../../daemon/meters/port.ts';
import type { Clock } from '../../relay-drivers/clock.ts';
import { realClock } from '../drivers/real-clock.ts';
import { ScriptedBoard } from '../relays/scripted-board.ts';
import type { TestClient } from './client.ts';
import type { BrokerRig } from './suite.ts';

export const ADMIN: Who = { principal: 'token:1', name: 'admin', role: 'admin', source: 'http' };

const HOUSE: Household = {
  hubId: 'home',
  hubName: 'Home',
  limitMw: 5_000_000,
  nearLimitMw: 4_000_000,
  baseLoadMw: 0,
  circuits: [{ id: 'kitchen', parent: 'house', limitMw: 3_000_000 }],
  buses: [{ id: 'main', channels: 8, isSimulated: true }],
};

/** `lamp` and `heater` are declared loads, `boiler` hangs on a relay. */
const APPLIANCES: readonly ApplianceSettings[] = [
  appliance('lamp', 100_000),
  appliance('heater', 2_900_000, { circuit: 'kitchen' }),
  appliance('oven', 2_000_000, { circuit: 'kitchen' }),
  appliance('boiler', 1_000_000, { relay: { bus: 'main', channel: 1 } }),
];

/** A real hub and its own topics, on a real broker; the board is the test's. */
export class TopicsRig {
  readonly hub: Hub;
  readonly board: ScriptedBoard;
  readonly port: TopicsPort;
  readonly events: Event[] = [];
  readonly troubles: string[] = [];
  readonly energy = new Map<string, number>();
  isLedgerBroken = false;

  readonly #clock: Clock;

  constructor(clock: Clock = realClock, meters: readonly Metered[] = []) {
    this.#clock = clock;
    this.board = new ScriptedBoard(clock);
    const now = () => ({ upMs: Math.floor(clock.nowMs()), wallMs: clock.wallMs() });
    this.hub = new Hub({
      household: HOUSE,
      buses: [busOf(this.board)],
      state: emptyState(),
      ledger: { append: (events) => this.#append(events), saveSnapshot: async () => undefined },
      meters,
      clock,
      now,
      bootId: 'boot-1',
      onTrouble: () => undefined,
      onProgress: () => undefined,
    });
    const info = { id: 'home', name: 'Home', version: '0.1.0', simulated: true };
    const seen = hubPort({ hub: this.hub, read: async () => [], now, info });
    // With more hands in between: what is in order must not hang on how soon a promise is looked at.
    const ask: TopicsPort['ask'] = async (input, onDecided) => {
      const answer = await this.hub.queue.ask(input, onDecided);
      return Promise.resolve(answer);
    };
    this.port = { ...seen, ask, energyWh: (id) => this.energy.get(id) ?? null };
  }

  async start(): Promise<void> {
    await this.begin();
    await vi.waitFor(() => {
      if (!this.hub.isReady) throw new Error('not ready');
    });
  }

  async begin(): Promise<void> {
    await this.hub.start();
    const added = APPLIANCES.map((settings) => this.hub.queue.ask({ kind: 'add_appliance', settings, who: ADMIN }));
    await added[0];
  }

  speakOn(broker: Broker): HubTopics {
    const { port, troubles } = this;
    const onTrouble = (what: string): void => void troubles.push(what);
    return new HubTopics({ broker, port, hubId: 'home', clock: this.#clock, onTrouble });
  }

  /** As over HTTP. */
  toggle(id: string, want: 'on' | 'off') {
    return this.hub.queue.ask({ kind: 'toggle', appliance: id, want, who: ADMIN });
  }

  async #append(events: readonly Event[]): Promise<void> {
    if (this.isLedgerBroken) throw new Error('the disk is gone');
    this.events.push(...events);
  }
}

export interface OnTheAir {
  readonly rig: TopicsRig;
  readonly mqtt: BrokerRig;
  readonly topics: HubTopics;
  /** An integration that hears all that the hub says. */
  readonly ha: TestClient;
}

export async function onTheAir(open: () => Promise<BrokerRig>): Promise<OnTheAir> {
  const mqtt = await open();
  const rig = new TopicsRig();
  onTestFinished(() => rig.hub.close());
  await rig.start();
  const topics = rig.speakOn(mqtt.broker);
  onTestFinished(() => topics.close());
  const ha = await (await mqtt.client('home-assistant')).listen('voltsafe/home/#');
  await ha.until(() => ha.on('voltsafe/home/status').some(({ payload }) => payload === 'online'));
  ha.heard.length = 0;
  return { rig, mqtt, topics, ha };
}

export const topicOf = (id: string, what: 'set' | 'state' | 'result') => `voltsafe/home/appliance/${id}/${what}`;

function appliance(id: string, ratedMw: number, more: Partial<ApplianceSettings> = {}): ApplianceSettings {
  const rest = { room: null, icon: null, priority: 50, isProtected: false, relay: null } as const;
  return { id, name: id, ratedMw, circuit: 'house', onPowerLoss: 'stay_off', ...rest, ...more };
}

function busOf(board: ScriptedBoard): Bus {
  return { id: 'main', driver: board, line: board, switches: new Map() };
}
