import type { Clock } from '../../../relay-drivers/clock.ts';
import type { MqttMessage, MqttState } from '../../../relay-drivers/transport/mqtt.ts';
import type { Broker } from '../port.ts';
import { Announcements } from './announcements.ts';
import { Hearing } from './hearing.ts';
import { BIRTH_WAIT_MS } from './limits.ts';
import { birthTopic, discoveryFilter } from './names.ts';
import type { HomeAssistantSettings, HomePort } from './port.ts';

export interface HomeAssistantParts {
  readonly broker: Pick<Broker, 'state' | 'onStateChange' | 'subscribe' | 'publish'>;
  readonly home: HomePort;
  readonly settings: HomeAssistantSettings;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** Announces the hub and its appliances to Home Assistant, and takes back what is gone. States are not its business. */
export class HomeAssistant {
  readonly #parts: HomeAssistantParts;
  readonly #hearing: Hearing;
  readonly #announcements: Announcements;
  readonly #ends: readonly (() => void)[];
  #isClosed = false;
  /** Home Assistant was born: once all is announced, the states follow. */
  #areStatesDue = false;
  #birthWait: (() => void) | null = null;

  constructor(parts: HomeAssistantParts) {
    const { broker, home, settings, clock } = parts;
    this.#parts = parts;
    this.#announcements = new Announcements({
      ...parts,
      maySpeak: () => !this.#isClosed && !this.#hearing.isOn && broker.state.isUp,
      onDone: () => this.#sayStates(),
    });
    this.#hearing = new Hearing({
      ...{ broker, clock, filter: discoveryFilter(settings.prefix) },
      onHeard: ({ topic, payload }) => this.#announcements.found(topic, payload),
      onDone: () => this.#announcements.lookAtAll(),
    });
    this.#ends = [
      broker.onStateChange((state) => this.#onState(state)),
      broker.subscribe(birthTopic(settings.prefix), (message) => this.#heardStatus(message)),
      home.onChange((id) => this.#announcements.look(id)),
    ];
    this.#onState(broker.state);
  }

  /** What is retained stays: the hub comes back, and its last will says that it is away. */
  close(): void {
    this.#isClosed = true;
    for (const end of this.#ends) end();
    this.#hearing.end();
    this.#birthWait?.();
    this.#announcements.stopWaiting();
  }

  /** With each connection all is said again: a broker may have lost what it was to keep. */
  #onState({ isUp }: MqttState): void {
    this.#announcements.stopWaiting();
    if (isUp) this.#hearing.begin();
    else this.#hearing.end();
  }

  /** A retained `online` says nothing about now; what is announced at our own start is enough for it. */
  #heardStatus({ payload, isRetained }: MqttMessage): void {
    const isBirth = !isRetained && new TextDecoder().decode(payload) === 'online';
    if (!isBirth || this.#birthWait !== null || !this.#parts.settings.enabled) return;
    const { least, most } = BIRTH_WAIT_MS;
    this.#birthWait = this.#parts.clock.after(least + this.#parts.random() * (most - least), () => {
      this.#birthWait = null;
      this.#born();
    });
  }

  /** Born while all is being announced: it has what is retained already, and hears the rest. */
  #born(): void {
    this.#areStatesDue = true;
    if (!this.#announcements.isWorking) this.#announcements.lookAtAll();
  }

  #sayStates(): void {
    if (!this.#areStatesDue || this.#isClosed) return;
    this.#areStatesDue = false;
    this.#parts.home.republish();
  }
}
