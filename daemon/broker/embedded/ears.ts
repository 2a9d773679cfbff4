import type { MqttMessage } from '../../../relay-drivers/transport/mqtt.ts';
import type { Publisher, Request } from '../port.ts';
import type { Kept, Retained } from './retained.ts';
import { TopicTree } from './topic-tree.ts';

interface Ear {
  readonly filter: string;
  /** What is kept has been told, so what is new may be. */
  isPrimed: boolean;
  tell(said: Said): void;
}

/** Something a client published. */
export interface Said {
  readonly topic: string;
  readonly payload: Buffer;
  /** It comes from what is kept, not from a client just now. */
  readonly isOld: boolean;
  /** The client wanted it to be kept. */
  readonly isToKeep: boolean;
  readonly from: Publisher | null;
}

export interface EarsParts {
  readonly retained: Retained;
  /** Null: the hub, or nobody that is known any more. */
  publisherOf(user: string | null): Publisher | null;
  onTrouble(what: string, error: unknown): void;
}

/** How the hub hears its clients: what is kept first, then what they say, in the order in which the broker took it. */
export class Ears {
  readonly #tree = new TopicTree<Ear>();
  readonly #parts: EarsParts;
  /** Topics of what was kept before this start, and was not said again since. */
  readonly #earlier: Set<string>;
  #isClosed = false;

  /** Before anybody is let in: what is kept by then is of an earlier run. */
  constructor(parts: EarsParts) {
    this.#parts = parts;
    this.#earlier = new Set([...parts.retained.all()].map(({ topic }) => topic));
  }

  /** Devices: who it was does not matter. */
  onMessage(filter: string, listener: (message: MqttMessage) => void): () => void {
    return this.#add(filter, ({ topic, payload, isOld }) => {
      const isEarlier = isOld && this.#earlier.has(topic);
      listener({ topic, payload, isRetained: isOld, ...(isEarlier && { isOfEarlierRun: true }) });
    });
  }

  /** Requests: who it was matters most. */
  onRequest(filter: string, listener: (request: Request) => void): () => void {
    return this.#add(filter, ({ topic, payload, isOld, isToKeep, from }) => {
      if (from !== null) listener({ topic, payload, isRetained: isOld || isToKeep, from });
    });
  }

  /** Nothing is heard any more. */
  close(): void {
    this.#isClosed = true;
  }

  hear(said: Said): void {
    if (said.isToKeep) this.#earlier.delete(said.topic);
    for (const ear of this.#tree.match(said.topic)) {
      this.#prime(ear);
      this.#tell(ear, said);
    }
  }

  recall(filter: string): void {
    const kept = this.#parts.retained.matching(filter);
    const ears = new Set(kept.flatMap(({ topic }) => this.#tree.match(topic)));
    for (const ear of ears) if (ear.filter === filter) this.#tellKept(ear, kept);
  }

  #add(filter: string, tell: (said: Said) => void): () => void {
    const ear: Ear = { filter, isPrimed: false, tell };
    this.#tree.add(filter, ear);
    // Not before the caller has what ends it.
    queueMicrotask(() => this.#prime(ear));
    return () => {
      ear.isPrimed = true;
      this.#tree.remove(filter, ear);
    };
  }

  #prime(ear: Ear): void {
    if (ear.isPrimed) return;
    ear.isPrimed = true;
    this.#tellKept(ear, this.#parts.retained.matching(ear.filter));
  }

  /** Of clients: what the hub itself keeps here is no news to it. */
  #tellKept(ear: Ear, kept: readonly Kept[]): void {
    for (const { topic, payload, user } of kept) {
      if (user === null) continue;
      this.#tell(ear, { topic, payload, isOld: true, isToKeep: true, from: this.#parts.publisherOf(user) });
    }
  }

  #tell(ear: Ear, said: Said): void {
    if (this.#isClosed) return;
    try {
      ear.tell(said);
    } catch (error) {
      this.#parts.onTrouble('a listener of MQTT messages failed', error);
    }
  }
}
