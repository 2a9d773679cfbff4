import { Socket } from 'node:net';
import { vi } from 'vitest';
import type { TestClient } from './client.ts';
import { type Entity, entitiesOf, type Fields, problemsOf, spelledOut } from './home-assistant-schema.ts';
import { SHORT } from './home-assistant-words.ts';
import { render } from './jinja.ts';

/** An entity as its page shows it. */
export interface Shown {
  readonly state: string | null;
  readonly attributes: Fields;
  readonly isAvailable: boolean;
}

/** As much of Home Assistant as makes entities out of discovery, states out of topics, and commands out of taps. */
export class FakeHomeAssistant {
  readonly problems: string[] = [];
  readonly #client: TestClient;
  readonly #entities = new Map<string, Entity>();
  readonly #payloads = new Map<string, string>();
  readonly #watchers = new Set<() => void>();

  private constructor(client: TestClient) {
    this.#client = client;
    client.mqtt.on('message', (topic, payload) => this.#hear(topic, payload.toString()));
  }

  static async start(client: TestClient): Promise<FakeHomeAssistant> {
    const self = new FakeHomeAssistant(client);
    // What is measured is the hub: not the 40 ms that this end would wait for more to say.
    if (client.mqtt.stream instanceof Socket) client.mqtt.stream.setNoDelay(true);
    // It looks for devices of others, too; being refused that must not cost it the connection.
    await client.listen('tasmota/discovery/#').catch(() => undefined);
    await client.listen('homeassistant/device/+/config');
    await self.wake();
    return self;
  }

  /** It says so when it has started. */
  wake(): Promise<void> {
    return this.#client.say('homeassistant/status', 'online');
  }

  /** Somebody deletes a device there: it clears what announced it. */
  forget(uniqueId: string): Promise<void> {
    return this.#client.say(String(this.entity(uniqueId).from), '', true);
  }

  get uniqueIds(): string[] {
    return [...this.#entities.keys()].sort();
  }

  entity(uniqueId: string): Entity {
    const entity = this.#entities.get(uniqueId);
    if (entity === undefined) throw new Error(`no ${uniqueId}; there are ${this.uniqueIds}`);
    return entity;
  }

  shown(uniqueId: string): Shown {
    const entity = this.entity(uniqueId);
    const value = this.#render(entity.state_topic, entity.value_template);
    const attributes = this.#render(entity.json_attributes_topic, entity.json_attributes_template);
    return {
      state: value === 'None' ? null : value,
      attributes: attributes === null ? {} : JSON.parse(attributes),
      isAvailable: this.#isAvailable(entity),
    };
  }

  /** A tap: the entity keeps what it shows until its topic says otherwise. */
  async turn(uniqueId: string, isOn: boolean): Promise<void> {
    const { command_topic: topic, payload_on, payload_off, retain } = this.entity(uniqueId);
    await this.#client.say(String(topic), String(isOn ? payload_on : payload_off), retain === true);
  }

  until(isSo: () => boolean): Promise<void> {
    return vi.waitFor(() => {
      if (!isSo()) throw new Error(`not so; topics: ${JSON.stringify([...this.#payloads])}`);
    }, 10_000);
  }

  /** Milliseconds until it is so, by messages, not by looking now and then. */
  msUntil(isSo: () => boolean): Promise<number> {
    const startMs = performance.now();
    return new Promise((resolve) => {
      const watch = (): void => {
        if (!isSo()) return;
        this.#watchers.delete(watch);
        resolve(performance.now() - startMs);
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  #hear(topic: string, payload: string): void {
    if (topic.endsWith('/config')) this.#discovered(topic, payload);
    else this.#payloads.set(topic, payload);
    for (const watch of [...this.#watchers]) watch();
  }

  #discovered(topic: string, payload: string): void {
    for (const [id, { from }] of this.#entities) if (from === topic) this.#entities.delete(id);
    if (payload === '') return;
    this.problems.push(...problemsOf(topic, payload));
    const entities = entitiesOf(payload);
    for (const entity of entities) this.#entities.set(String(entity.unique_id), { ...entity, from: topic });
    const topics = entities.flatMap((entity) => [
      entity.state_topic,
      ...availabilityOf(entity).map((one) => one.topic),
    ]);
    // Fails only when the test is over.
    this.#client.listen(...new Set(topics.map(String))).catch(() => undefined);
  }

  /** Null: nothing was heard there, or it was nothing to make something of. */
  #render(topic: unknown, template: unknown): string | null {
    const payload = this.#payloads.get(String(topic));
    if (payload === undefined || payload === '' || template === undefined) return null;
    return render(String(template), payload);
  }

  #isAvailable(entity: Entity): boolean {
    return availabilityOf(entity).every(({ topic, value_template }) => {
      const said =
        value_template === undefined ? this.#payloads.get(String(topic)) : this.#render(topic, value_template);
      return said === 'online';
    });
  }
}

function availabilityOf({ availability }: Entity): Fields[] {
  return Array.isArray(availability) ? availability.map((one) => spelledOut(one, SHORT)) : [];
}
