import { matches } from './embedded/topics.ts';

export interface Heard {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly isRetained: boolean;
}

export type Listener = (heard: Heard) => void;

/** What we ask a broker for: one per filter, however many listen. */
export interface Subscription {
  readonly filter: string;
  /** MQTT 5, 3.8.2.1.2: told with each message, so that overlapping filters are kept apart. */
  readonly number: number;
  /** Of others only, and retained ones marked so even when they are published just now (`nl`, `rap`). */
  readonly isForRequests: boolean;
  readonly listeners: Set<Listener>;
}

/** What is listened to, whether or not there is a connection now. */
export class Subscriptions {
  readonly #byFilter = new Map<string, Subscription>();
  readonly #byNumber = new Map<number, Subscription>();
  #last = 0;

  all(): Subscription[] {
    return [...this.#byFilter.values()];
  }

  find(filter: string): Subscription | null {
    return this.#byFilter.get(filter) ?? null;
  }

  add(filter: string, isForRequests: boolean, listener: Listener): Subscription {
    const subscription = this.#byFilter.get(filter) ?? this.#open(filter, isForRequests);
    if (subscription.isForRequests !== isForRequests) {
      throw new Error(`${filter} is listened to both as words of devices and as requests`);
    }
    subscription.listeners.add(listener);
    return subscription;
  }

  /** True: it was the last one that listened there. */
  remove({ filter, number, listeners }: Subscription, listener: Listener): boolean {
    const isLast = listeners.delete(listener) && listeners.size === 0;
    if (!isLast) return false;
    this.#byFilter.delete(filter);
    this.#byNumber.delete(number);
    return true;
  }

  /** `numbers`: the subscriptions that the broker names; null where it names none (3.1.1). */
  hear(heard: Heard, numbers: readonly number[] | null): void {
    for (const { listeners } of this.#meant(heard.topic, numbers)) {
      for (const listener of [...listeners]) listener(heard);
    }
  }

  #meant(topic: string, numbers: readonly number[] | null): readonly Subscription[] {
    if (numbers !== null) return numbers.flatMap((number) => this.#byNumber.get(number) ?? []);
    return this.all().filter(({ filter }) => matches(filter, topic));
  }

  #open(filter: string, isForRequests: boolean): Subscription {
    this.#last += 1;
    const subscription = { filter, number: this.#last, isForRequests, listeners: new Set<Listener>() };
    this.#byFilter.set(filter, subscription);
    this.#byNumber.set(subscription.number, subscription);
    return subscription;
  }
}
