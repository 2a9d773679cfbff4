import { HomeAssistant, type HomeAssistantParts } from '../../daemon/broker/home-assistant/home-assistant.ts';
import type { ApplianceFacts, HomePort, HubFacts } from '../../daemon/broker/home-assistant/port.ts';
import { MemoryBroker, type Routed } from '../../relay-drivers/transport/memory-mqtt.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { HUB_FACTS, OVEN } from './home-assistant-facts.ts';

/** A household that tests change by hand. */
export class Household implements HomePort {
  readonly appliances = new Map<string, ApplianceFacts>();
  facts: HubFacts = HUB_FACTS;
  republished = 0;
  readonly #listeners = new Set<(id: string) => void>();

  hub(): HubFacts {
    return this.facts;
  }

  applianceIds(): Iterable<string> {
    return this.appliances.keys();
  }

  appliance(id: string): ApplianceFacts | null {
    return this.appliances.get(id) ?? null;
  }

  onChange(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  republish(): void {
    this.republished += 1;
  }

  put(id: string, over: Partial<ApplianceFacts> = {}): void {
    this.appliances.set(id, { ...OVEN, id, name: id, ...over });
    this.#tell(id);
  }

  remove(id: string): void {
    this.appliances.delete(id);
    this.#tell(id);
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }
}

/** The announcer on a broker in memory, where time moves by hand. */
export class Rig {
  readonly clock = new VirtualClock();
  readonly broker = new MemoryBroker();
  readonly household = new Household();
  readonly warnings: string[] = [];
  /** What the hub published, in order. */
  readonly said: Routed[] = [];
  /** The broker refuses while it is set. */
  refusal: Error | null = null;
  /** The most that were under way at once. */
  mostAtOnce = 0;
  #atOnce = 0;
  readonly #port = this.broker.port('hub');
  #announcer: HomeAssistant | null = null;

  constructor() {
    this.broker.watch((message) => message.from === 'hub-voice' && this.said.push(message));
  }

  start(settings: Partial<HomeAssistantParts['settings']> = {}): void {
    const { clock, household: home, warnings } = this;
    const port = this.#port;
    const broker: HomeAssistantParts['broker'] = {
      get state() {
        return port.state;
      },
      onStateChange: (listener) => port.onStateChange(listener),
      subscribe: (filter, listener) => port.subscribe(filter, listener),
      publish: (topic, payload) => this.#publish(topic, payload),
    };
    this.#announcer = new HomeAssistant({
      ...{
        broker,
        home,
        clock,
        random: () => 0.5,
        onTrouble: (what: string, error: unknown) => warnings.push(`${what}: ${error}`),
      },
      settings: { prefix: 'homeassistant', enabled: true, ...settings },
    });
  }

  stop(): void {
    this.#announcer?.close();
  }

  /** Past listening, and all slices. */
  async settle(ms = 10_000): Promise<void> {
    await this.clock.advance(ms);
  }

  /** The topics that the broker keeps, short: `home`, `home_oven`. */
  kept(prefix = 'homeassistant'): string[] {
    return this.broker
      .retained(`${prefix}/device/+/config`)
      .map(({ topic }) => topic.split('/')[2]?.replace('voltsafe_', '') ?? '')
      .sort();
  }

  /** Says and forgets what was said so far. */
  heard(): string[] {
    return this.said.splice(0).map(({ topic, payload }) => `${topic.split('/')[2]}${payload === '' ? ' gone' : ''}`);
  }

  publish(topic: string, payload: string, retain = false): void {
    this.broker.client(`somebody-${topic}`).publish(topic, payload, { retain });
  }

  async #publish(topic: string, payload: string): Promise<void> {
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    await new Promise<void>((resolve) => this.clock.after(1, resolve));
    this.#atOnce -= 1;
    if (this.refusal !== null) throw this.refusal;
    if (!this.#port.state.isUp) throw new Error('the broker is not reached');
    this.broker.publish('hub-voice', topic, new TextEncoder().encode(payload), true);
  }
}
