import { type Clock, pause } from '../../../relay-drivers/clock.ts';
import type { Broker } from '../port.ts';
import { TOPIC_LIMITS } from './limits.ts';
import type { Troubles } from './troubles.ts';

/** Says what a retained topic is to hold, at the moment when it is published; empty: nothing, it is cleared. */
export type Render = () => string;

export interface OutboxParts {
  readonly broker: Pick<Broker, 'state' | 'publish'>;
  readonly clock: Clock;
  readonly troubles: Pick<Troubles, 'tell'>;
}

interface Message {
  readonly topic: string;
  readonly payload: string;
}

interface Retained {
  readonly render: Render;
  /** Published although it is what the broker has. */
  readonly isForced: boolean;
}

/**
 * One message at a time, each awaited (aedes loses QoS 1 messages that are published together with others,
 * durability.md). Results first, each of them; of a retained topic only the latest. While the broker is away nothing
 * waits: results are dropped, and retained topics are all said again when it is back.
 */
export class Outbox {
  readonly #broker: Pick<Broker, 'state' | 'publish'>;
  readonly #clock: Clock;
  readonly #troubles: Pick<Troubles, 'tell'>;
  #results: Message[] = [];
  readonly #retained = new Map<string, Retained>();
  /** What the broker has of us. */
  readonly #published = new Map<string, string>();
  /** What it did not take, though it was there. */
  readonly #refused = new Map<string, Render>();
  #cancelRetry: (() => void) | null = null;
  #connection = 0;
  #work: Promise<void> | null = null;
  #isClosed = false;

  constructor({ broker, clock, troubles }: OutboxParts) {
    this.#broker = broker;
    this.#clock = clock;
    this.#troubles = troubles;
  }

  /** Of the broker; a result belongs to the one on which it was asked for. */
  get connection(): number {
    return this.#connection;
  }

  result(connection: number, topic: string, payload: string): void {
    if (connection !== this.#connection || this.#isClosed) return;
    if (this.#results.length >= TOPIC_LIMITS.results) {
      this.#results.shift();
      this.#troubles.tell('results', 'results on MQTT are dropped: the broker takes them too slowly');
    }
    this.#results.push({ topic, payload });
    this.#begin();
  }

  /** `isForced`: also when nothing changed, for those who wait to be told that nothing did. */
  retain(topic: string, render: Render, isForced = false): void {
    if (this.#isClosed) return;
    const before = this.#retained.get(topic);
    if (before === undefined && this.#retained.size >= TOPIC_LIMITS.retained) {
      return this.#troubles.tell('retained', 'too many topics on MQTT wait to be published');
    }
    this.#retained.set(topic, { render, isForced: isForced || before?.isForced === true });
    this.#begin();
  }

  /** The broker is away: nothing of now is said later. */
  lost(): void {
    this.#connection += 1;
    this.#results = [];
    this.#retained.clear();
    this.#published.clear();
    this.#forgetRefused();
  }

  /** The broker is back, perhaps without what it had. */
  found(): void {
    this.#published.clear();
    this.#begin();
  }

  /** Nothing more but a last word. */
  async close(topic: string, payload: string): Promise<void> {
    this.#isClosed = true;
    this.lost();
    await this.#work;
    if (this.#broker.state.isUp) await this.#publish({ topic, payload }, true);
  }

  #begin(): void {
    this.#work ??= Promise.resolve()
      .then(() => this.#send())
      .finally(() => {
        this.#work = null;
        if (this.#isWaiting) this.#begin();
      });
  }

  get #isWaiting(): boolean {
    const isAny = this.#results.length > 0 || this.#retained.size > 0;
    return isAny && this.#broker.state.isUp && !this.#isClosed;
  }

  async #send(): Promise<void> {
    for (let count = 1; this.#isWaiting; count += 1) {
      await this.#next()?.();
      if (count % TOPIC_LIMITS.slice === 0) await pause(this.#clock, 0);
    }
  }

  #next(): (() => Promise<unknown>) | null {
    const result = this.#results.shift();
    if (result !== undefined) return () => this.#publish(result, false);
    for (const [topic, { render, isForced }] of this.#retained) {
      this.#retained.delete(topic);
      const payload = render();
      if (isForced || this.#published.get(topic) !== payload) return () => this.#keep({ topic, payload }, render);
    }
    return null;
  }

  async #keep(message: Message, render: Render): Promise<void> {
    const { topic, payload } = message;
    if (payload === '') this.#published.delete(topic);
    else this.#published.set(topic, payload);
    if ((await this.#publish(message, true)) || !this.#broker.state.isUp || this.#isClosed) return;
    this.#published.delete(topic);
    this.#refused.set(topic, render);
    this.#cancelRetry ??= this.#clock.after(TOPIC_LIMITS.retryMs, () => this.#retry());
  }

  #retry(): void {
    const refused = [...this.#refused];
    this.#forgetRefused();
    for (const [topic, render] of refused) this.retain(topic, render, true);
  }

  #forgetRefused(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#refused.clear();
  }

  /** False: the broker did not take it. */
  async #publish({ topic, payload }: Message, retain: boolean): Promise<boolean> {
    try {
      await this.#broker.publish(topic, payload, { qos: 1, retain });
      return true;
    } catch (error) {
      if (this.#broker.state.isUp)
        this.#troubles.tell('refused', `the broker does not take ${topic}; may the hub publish there?`, error);
      return false;
    }
  }
}
