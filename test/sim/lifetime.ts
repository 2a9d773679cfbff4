import type { Event } from '../../daemon/core/events.ts';
import type { Answer, Input } from '../../daemon/core/inputs.ts';
import type { Household } from '../../daemon/core/model.ts';
import { Hub } from '../../daemon/hub.ts';
import { Plugs } from '../../daemon/plugs.ts';
import { restore } from '../../daemon/restore.ts';
import { Timeline } from '../../daemon/timeline.ts';
import { createBuses, linesOf } from '../../relay-drivers/buses.ts';
import type { Line } from '../../relay-drivers/line/line.ts';
import type { PlugSettings } from '../../relay-drivers/plug-registry.ts';
import type { BusSettings } from '../../relay-drivers/registry.ts';
import type { MqttPort } from '../../relay-drivers/transport/mqtt.ts';
import { Process, type ProcessParts } from './process.ts';
import { ProcessPort } from './process-port.ts';

export interface LifetimeParts extends ProcessParts {
  readonly household: Household;
  readonly buses: readonly BusSettings[];
  readonly switches: ReadonlyMap<string, ReadonlyMap<number, { appliance: string; mode: 'toggle' | 'follow' }>>;
  /** On MQTT, of the configuration. */
  readonly plugs: readonly PlugSettings[];
  readonly mqtt: MqttPort;
  readonly mayCut: boolean;
  readonly bootId: string;
  readonly onSend: (topic: string, payload: string) => void;
  readonly onApplied: (event: Event) => void;
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** One process of the hub, from its start to a kill that may strike between any two of its steps. */
export class Lifetime {
  readonly hub: Hub;
  readonly #lines: readonly Line[];
  readonly #process: Process;
  readonly #port: ProcessPort;

  private constructor(hub: Hub, lines: readonly Line[], process: Process, port: ProcessPort) {
    this.hub = hub;
    this.#lines = lines;
    this.#process = process;
    this.#port = port;
  }

  static async begin(parts: LifetimeParts): Promise<Lifetime> {
    const process = new Process(parts);
    const stored = parts.store.load();
    const state = await restore(stored, async (after, limit) => parts.store.read(after, limit));
    const openPort = ({ path }: { path: string }) => process.open(path);
    const buses = createBuses(parts.buses, { clock: process, openPort });
    const line = new Timeline(process, stored.lastUpMs);
    const { household, bootId, onTrouble, onSend, mayCut } = parts;
    const hub = new Hub({
      household,
      buses: [...buses].map(([id, bus]) => ({
        id,
        driver: bus.driver,
        line: bus.line,
        switches: parts.switches.get(id) ?? new Map(),
      })),
      state,
      ledger: process,
      clock: process,
      now: () => line.now(),
      bootId,
      onTrouble,
      onProgress: () => undefined,
    });
    const port = new ProcessPort({ port: parts.mqtt, hear: (run) => process.hear(run), onSend, mayCut });
    // Before anybody else hears of an event, as in daemon/serve.ts.
    new Plugs({ hub, port, clock: process, configured: parts.plugs, onTrouble });
    hub.onEvent(parts.onApplied);
    return new Lifetime(hub, linesOf(buses.values()), process, port);
  }

  /** Not awaited by the script: a kill may come before it is done. */
  async start(): Promise<void> {
    await this.hub.start();
    for (const line of this.#lines) line.start();
  }

  /** Answered never if it dies before. */
  ask(input: Input): Promise<Answer> {
    return new Promise((answer) => this.#process.hear(() => void this.hub.queue.ask(input).then(answer)));
  }

  tell(input: Input): void {
    this.#process.hear(() => this.hub.queue.tell(input));
  }

  stall(ms: number): void {
    this.#process.stall(ms);
  }

  get isDead(): boolean {
    return this.#process.isDead;
  }

  /** SIGKILL: no timer fires, no commit returns, no byte leaves any more; what the adapter holds still goes out. */
  kill(): void {
    this.#process.kill();
    this.#port.kill();
  }
}
