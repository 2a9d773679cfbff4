import type { MqttMessage, MqttPort, MqttState } from '../../relay-drivers/transport/mqtt.ts';

export interface ProcessPortParts {
  readonly port: MqttPort;
  /** What comes in waits while the process stands still, and is lost with it. */
  readonly hear: (run: () => void) => void;
  /** Before it leaves. */
  readonly onSend: (topic: string, payload: string) => void;
  /** A broker that is not ours cuts nobody. */
  readonly mayCut: boolean;
}

/** A hub's way to its broker, which ends with the hub. */
export class ProcessPort implements MqttPort {
  readonly #parts: ProcessPortParts;
  readonly #ends = new Set<() => void>();
  #isDead = false;

  constructor(parts: ProcessPortParts) {
    this.#parts = parts;
  }

  get state(): MqttState {
    return this.#isDead ? { isUp: false, reason: 'the hub is dead' } : this.#parts.port.state;
  }

  onStateChange(listener: (state: MqttState) => void): () => void {
    return this.#keep(this.#parts.port.onStateChange((state) => this.#parts.hear(() => listener(state))));
  }

  subscribe(filter: string, listener: (message: MqttMessage) => void): () => void {
    return this.#keep(this.#parts.port.subscribe(filter, (message) => this.#parts.hear(() => listener(message))));
  }

  recall(filter: string): void {
    if (!this.#isDead) this.#parts.port.recall(filter);
  }

  send(topic: string, payload: string): boolean {
    if (this.#isDead || !this.#parts.port.state.isUp) return false;
    this.#parts.onSend(topic, payload);
    return this.#parts.port.send(topic, payload);
  }

  cut(topic: string): void {
    if (!this.#isDead && this.#parts.mayCut) this.#parts.port.cut(topic);
  }

  kill(): void {
    this.#isDead = true;
    for (const end of this.#ends) end();
    this.#ends.clear();
  }

  #keep(end: () => void): () => void {
    this.#ends.add(end);
    return () => {
      this.#ends.delete(end);
      end();
    };
  }
}
