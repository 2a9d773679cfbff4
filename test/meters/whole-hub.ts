import { onTestFinished } from 'vitest';
import type { Event } from '../../daemon/core/events.ts';
import type { Answer } from '../../daemon/core/inputs.ts';
import type { Household } from '../../daemon/core/model.ts';
import { emptyState } from '../../daemon/core/state.ts';
import type { ApplianceView } from '../../daemon/core/views.ts';
import type { HubPort } from '../../daemon/http/port.ts';
import { Hub } from '../../daemon/hub.ts';
import { hubPort } from '../../daemon/hub-port.ts';
import { openMeters } from '../../daemon/open-meters.ts';
import { loadSettings } from '../../daemon/settings/load.ts';
import type { Settings } from '../../daemon/settings/types.ts';
import { timeline } from '../../daemon/timeline.ts';
import { createBuses, linesOf } from '../../relay-drivers/buses.ts';
import type { Board } from '../../relay-drivers/simulator/board.ts';
import { createBus, type SimulatedBus } from '../../relay-drivers/simulator/bus.ts';
import { MemoryPort } from '../../relay-drivers/simulator/memory-port.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { ANNA, household, settingsOf } from '../core/home.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';

type Simulated = Parameters<typeof createBus>[0];

/** The hub of a configuration file, over simulated devices: everything is real but the wire, the disk and time. */
export class WholeHub {
  readonly clock = new VirtualClock();
  readonly port: MemoryPort;
  readonly bus: SimulatedBus;
  readonly hub: Hub;
  readonly view: HubPort;
  readonly warnings: readonly string[];
  readonly events: Event[] = [];
  readonly #ports: readonly { start(): void; close(): void }[];

  constructor(yaml: string, simulated: Simulated) {
    const settings = settingsFrom(yaml);
    this.bus = createBus(simulated, this.clock, seededRandom(1));
    this.port = new MemoryPort(this.bus.wire, this.clock);
    const deps = { clock: this.clock, openPort: () => this.port.open };
    const buses = createBuses(settings.buses, deps);
    const { meters, ports, warnings } = openMeters(settings.meters, { ...deps, buses });
    this.warnings = warnings;
    this.#ports = [...linesOf(buses.values()), ...ports];
    const now = timeline(this.clock, 0);
    this.hub = new Hub({
      household: householdOf(settings),
      buses: [...buses].map(([id, { driver, line, settings: bus }]) => {
        const offWithoutProof = 'off_without_proof' in bus ? bus.off_without_proof : 'hold';
        return { id, driver, line, switches: new Map(), offWithoutProof };
      }),
      meters,
      state: emptyState(),
      ledger: { append: async (events) => void this.events.push(...events), saveSnapshot: async () => undefined },
      clock: this.clock,
      now,
      bootId: 'boot',
      onTrouble: (what) => this.troubles.push(what),
      onProgress: () => undefined,
    });
    const info = { id: 'home', name: 'Home', version: '0', simulated: true };
    this.view = hubPort({ hub: this.hub, read: async () => this.events, now, info });
    onTestFinished(() => this.close());
  }

  readonly troubles: string[] = [];

  async start(): Promise<this> {
    const started = this.hub.start();
    await this.clock.settled(started);
    for (const port of this.#ports) port.start();
    await this.clock.advance(3000);
    return this;
  }

  async add(id: string, watts: number, channel: number): Promise<void> {
    const settings = settingsOf(id, { w: watts, channel });
    await this.#done(this.view.ask({ kind: 'add_appliance', settings, who: ANNA }));
  }

  async toggle(id: string, want: 'on' | 'off'): Promise<void> {
    await this.#done(this.view.ask({ kind: 'toggle', appliance: id, want, who: ANNA }));
  }

  appliance(id: string): ApplianceView {
    const view = this.view.appliance(id);
    if (view === null) throw new RangeError(`there is no appliance ${id}`);
    return view;
  }

  get board(): Board {
    const [board] = this.bus.boards;
    if (board === undefined) throw new RangeError('there is no board');
    return board;
  }

  /** The channels whose contacts are closed in truth. */
  get closed(): number[] {
    return this.board.coils().flatMap(({ channel, closed }) => (closed ? channel : []));
  }

  async close(): Promise<void> {
    await this.hub.close();
    for (const port of this.#ports) port.close();
    for (const meter of this.bus.meters) meter.close();
  }

  async #done(asked: Promise<Answer>): Promise<void> {
    const answer = await this.clock.settled(asked);
    if (!answer.ok) throw new Error(`${answer.refusal.code}: ${answer.refusal.detail}`);
  }
}

function settingsFrom(yaml: string): Settings {
  const loaded = loadSettings(yaml, { file: 'house.yaml', folder: '/etc', timezone: 'Europe/Rome' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return loaded.settings;
}

function householdOf({ limits, circuits, buses }: Settings): Household {
  const boards = buses.map(({ id, channels }) => ({ id, channels, isSimulated: true }));
  return household({ ...limits, circuits, buses: boards });
}
