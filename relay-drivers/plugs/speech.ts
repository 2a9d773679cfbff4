import type { Clock } from '../clock.ts';
import type { MqttPort } from '../transport/mqtt.ts';
import type { PlugProtocol } from './protocol.ts';

export interface SpeechParts {
  readonly port: MqttPort;
  readonly clock: Clock;
  readonly protocol: PlugProtocol;
  readonly isOpen: () => boolean;
}

/** `none`: it cannot be asked. `lost`: nothing, or not all of it, could leave. */
export type Asked = 'left' | 'lost' | 'none';

/** Answers to questions of an earlier start of the hub may still be under way: each start counts from elsewhere. */
const QUESTIONS = 1_000_000_000;

/** What is said to one device, and nothing while it is closed (S11). */
export class Speech {
  readonly #parts: SpeechParts;
  #question: number;
  #canBeAsked: boolean | null = null;

  constructor(parts: SpeechParts) {
    this.#parts = parts;
    this.#question = Math.floor(parts.clock.wallMs()) % QUESTIONS;
  }

  /** Null: it was not tried yet. A family is asked for its questions only when they are to leave. */
  get canBeAsked(): boolean | null {
    return this.#canBeAsked;
  }

  nextQuestion(): number {
    this.#question += 1;
    return this.#question;
  }

  /** False: it could not leave, and is not kept. */
  send(topic: string, payload: string): boolean {
    return this.#parts.isOpen() && this.#parts.port.send(topic, payload);
  }

  ask(question: number = this.nextQuestion()): Asked {
    const queries = this.#parts.protocol.queries(question);
    this.#canBeAsked = queries.length > 0;
    if (!this.#canBeAsked) return 'none';
    return queries.every(({ topic, payload }) => this.send(topic, payload)) ? 'left' : 'lost';
  }

  /** False: nothing makes it answer. One that was lost is lost: the next reading knocks again. */
  knock(count: number): boolean {
    const knocks = this.#parts.protocol.knocks?.(count) ?? [];
    for (const { topic, payload } of knocks) this.send(topic, payload);
    return knocks.length > 0;
  }

  /** The broker tells again what it keeps; false: it is not reached. */
  recall(): boolean {
    const { port, protocol } = this.#parts;
    for (const filter of protocol.filters) port.recall(filter);
    return port.state.isUp;
  }

  cut(channel: number): void {
    const { port, protocol } = this.#parts;
    port.cut(protocol.command(channel, false, this.nextQuestion()).topic);
  }
}
