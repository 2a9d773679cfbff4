import type { Clock } from '../../../relay-drivers/clock.ts';
import type { MqttState } from '../../../relay-drivers/transport/mqtt.ts';
import type { Broker } from '../port.ts';
import { TOPIC_LIMITS } from './limits.ts';
import { TopicNames } from './names.ts';
import { Outbox } from './outbox.ts';
import type { TopicsPort } from './port.ts';
import { Sets } from './sets.ts';
import { States } from './states.ts';
import { Troubles } from './troubles.ts';

export interface HubTopicsParts {
  readonly broker: Broker;
  readonly port: TopicsPort;
  readonly hubId: string;
  readonly clock: Clock;
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** The last will of the hub, for a broker that is not its own. */
export function statusWill(hubId: string): { readonly topic: string; readonly payload: string } {
  return { topic: new TopicNames(hubId).status, payload: 'offline' };
}

/** The hub on MQTT: it says how things stand, and decides what others ask. For a hub that has started. */
export class HubTopics {
  readonly #parts: HubTopicsParts;
  readonly #names: TopicNames;
  readonly #outbox: Outbox;
  readonly #states: States;
  readonly #ends: (() => void)[];
  #endOfStrays: () => void = () => undefined;

  constructor(parts: HubTopicsParts) {
    const { broker, port, hubId, clock } = parts;
    const troubles = new Troubles(clock, parts.onTrouble);
    const names = new TopicNames(hubId);
    const outbox = new Outbox({ broker, clock, troubles });
    const states = new States({ port, names, clock, outbox });
    const sets = new Sets({ port, names, clock, outbox, states, troubles });
    this.#parts = parts;
    this.#names = names;
    this.#outbox = outbox;
    this.#states = states;
    this.#ends = [
      broker.onStateChange((state) => this.#onState(state)),
      broker.onRequest(names.sets, (request) => sets.hear(request)),
    ];
    if (broker.state.isUp) this.#onState(broker.state);
  }

  /** Everything that is retained is said again, for whoever did not listen the first time. */
  republish(): void {
    this.#states.all(true);
    this.#sayOnline();
  }

  /** Nothing is heard and answered any more. */
  async close(): Promise<void> {
    for (const end of this.#ends) end();
    this.#endOfStrays();
    this.#states.close();
    const goodbye = this.#outbox.close(this.#names.status, 'offline');
    await new Promise<void>((resolve) => {
      const cancel = this.#parts.clock.after(TOPIC_LIMITS.goodbyeMs, resolve);
      void goodbye.finally(() => {
        cancel();
        resolve();
      });
    });
  }

  #onState({ isUp }: MqttState): void {
    this.#endOfStrays();
    if (!isUp) return this.#outbox.lost();
    this.#outbox.found();
    this.#lookForStrays();
    this.#states.all();
    // Last: who sees it sees states that are true.
    this.#sayOnline();
  }

  #sayOnline(): void {
    this.#outbox.retain(this.#names.status, () => 'online', true);
  }

  /** What the broker keeps of appliances that were removed while it, or the hub, was away. */
  #lookForStrays(): void {
    const { broker, clock } = this.#parts;
    const end = broker.subscribe(this.#names.states, ({ topic, isRetained, payload }) => {
      const id = isRetained && payload.length > 0 ? this.#names.idOf(topic) : null;
      if (id !== null) this.#states.found(id);
    });
    const cancel = clock.after(TOPIC_LIMITS.strayMs, () => this.#endOfStrays());
    this.#endOfStrays = () => {
      this.#endOfStrays = () => undefined;
      cancel();
      end();
    };
  }
}
