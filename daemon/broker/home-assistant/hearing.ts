import type { Clock } from '../../../relay-drivers/clock.ts';
import type { MqttMessage } from '../../../relay-drivers/transport/mqtt.ts';
import type { Broker } from '../port.ts';
import { HEARING } from './limits.ts';

interface HearingParts {
  readonly broker: Pick<Broker, 'subscribe'>;
  readonly clock: Clock;
  readonly filter: string;
  readonly onHeard: (message: MqttMessage) => void;
  readonly onDone: () => void;
}

/** Hears what the broker kept, before we speak over it: until it is quiet. Our own voice is not listened to. */
export class Hearing {
  readonly #parts: HearingParts;
  #unsubscribe: (() => void) | null = null;
  #untilMs = 0;
  #cancel: () => void = () => undefined;

  constructor(parts: HearingParts) {
    this.#parts = parts;
  }

  get isOn(): boolean {
    return this.#unsubscribe !== null;
  }

  /** Anew, with each connection. */
  begin(): void {
    this.end();
    const { broker, clock, filter } = this.#parts;
    this.#untilMs = clock.nowMs() + HEARING.longestMs;
    this.#unsubscribe = broker.subscribe(filter, (message) => this.#heard(message));
    this.#await();
  }

  end(): void {
    this.#cancel();
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  #heard(message: MqttMessage): void {
    if (!message.isRetained || !this.isOn) return;
    this.#await();
    this.#parts.onHeard(message);
  }

  #await(): void {
    const { clock, onDone } = this.#parts;
    this.#cancel();
    this.#cancel = clock.after(Math.min(HEARING.quietMs, this.#untilMs - clock.nowMs()), () => {
      this.end();
      onDone();
    });
  }
}
