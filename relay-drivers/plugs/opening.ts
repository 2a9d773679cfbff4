import type { MqttState } from '../transport/mqtt.ts';
import { Listeners } from './listeners.ts';

export type OpeningState = { readonly isOpen: true } | { readonly isOpen: false; readonly reason: string };

const NOT_STARTED: OpeningState = { isOpen: false, reason: 'it was not started yet' };
const CLOSED: OpeningState = { isOpen: false, reason: 'the hub closed it' };
const OFFLINE: OpeningState = { isOpen: false, reason: 'it is offline: its last will says so' };
const RESTARTED: OpeningState = { isOpen: false, reason: 'it started anew' };

/**
 * Whether a device can be spoken to: the broker is reached, and the device is not known to be away. One whose presence
 * nobody told may be there: it counts as open, and its silence tells the rest.
 */
export class Opening {
  readonly #listeners = new Listeners<[state: OpeningState]>();
  readonly #broker: () => MqttState;
  /** Called first of all: what is under way ends before anybody hears that it is closed. `isGone`: its will was told, or its birth. */
  readonly #closing: (reason: string, isGone: boolean) => void;
  #life: 'new' | 'started' | 'closed' = 'new';
  /** Null: nobody told, since the broker was reached. */
  #isOnline: boolean | null = null;
  #state: OpeningState = NOT_STARTED;

  constructor(broker: () => MqttState, closing: (reason: string, isGone: boolean) => void) {
    this.#broker = broker;
    this.#closing = closing;
  }

  get state(): OpeningState {
    return this.#state;
  }

  /** Returns what ends it. */
  onStateChange(listener: (state: OpeningState) => void): () => void {
    return this.#listeners.add(listener);
  }

  start(): void {
    this.#life = 'started';
    this.#look();
  }

  close(): void {
    this.#life = 'closed';
    this.#look();
    this.#listeners.clear();
  }

  /** What was told of its presence before is of no use: its will may have come meanwhile, and is told again if it is kept. */
  brokerChanged(): void {
    this.#isOnline = null;
    this.#look();
  }

  /** True: nobody had told since the broker was reached. */
  told(isOnline: boolean): boolean {
    const isFirstWord = this.#isOnline === null;
    this.#isOnline = isOnline;
    this.#look();
    return isFirstWord;
  }

  /** Closed for a moment: all that was known of it is to be asked anew. */
  restarted(): void {
    if (!this.#state.isOpen) return;
    this.#become(RESTARTED);
    this.#look();
  }

  #look(): void {
    const state = this.#present();
    if (state.isOpen !== this.#state.isOpen || !state.isOpen) this.#become(state);
  }

  #present(): OpeningState {
    if (this.#life !== 'started') return this.#life === 'new' ? NOT_STARTED : CLOSED;
    const broker = this.#broker();
    if (!broker.isUp) return { isOpen: false, reason: `the broker is not reached: ${broker.reason}` };
    return this.#isOnline === false ? OFFLINE : { isOpen: true };
  }

  #become(state: OpeningState): void {
    const before = this.#state;
    this.#state = state;
    if (!state.isOpen && !before.isOpen && state.reason === before.reason) return;
    if (!state.isOpen && before.isOpen) this.#closing(state.reason, state === OFFLINE || state === RESTARTED);
    this.#listeners.tell(state);
  }
}
