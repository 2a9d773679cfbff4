import { Readable } from 'node:stream';
import type { Subscription } from 'aedes';
import { BROKER_LIMITS } from '../limits.ts';
import type { Memory } from './memory.ts';
import { type Queued, queuedId } from './sessions.ts';

/** As aedes names a client. */
interface Who {
  readonly id: string;
}

interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: number;
  readonly brokerId: string;
  readonly brokerCounter: number;
}

interface Acknowledgement {
  readonly messageId?: number;
}

export interface Reader {
  readonly sessionKey: string;
  readonly subscriptions: readonly { readonly topic: string; readonly qos: number }[];
}

export interface PersistenceParts {
  readonly memory: Memory;
  /** Who publishes the message that aedes is storing; null: the hub. */
  publisher(): { readonly name: string } | null;
  maySubscribe(sessionKey: string, filter: string): boolean;
  onNoRoom(topic: string): void;
  /** A QoS 2 message that came before: aedes only answers it. */
  onRepeated(sessionKey: string): void;
  /** Resolves when the client that reads has read most of what lies for it. */
  paced(sessionKey: string | null): Promise<void>;
}

/** The shape in which aedes asks for what is kept (its own in-memory one is unbounded). No wills: aedes holds those itself. */
export class Persistence {
  readonly #parts: PersistenceParts;
  /** QoS 2 messages that wait for PUBREL. Their ids only: they have been published. */
  readonly #inbound = new Map<string, Set<number>>();
  /** Whose retained messages aedes is about to ask for, and what it was granted; aedes does not say so itself. */
  reader: Reader | null = null;

  constructor(parts: PersistenceParts) {
    this.#parts = parts;
  }

  async setup(): Promise<void> {}

  async storeRetained({ topic, payload, qos }: Message): Promise<void> {
    const user = this.#parts.publisher()?.name ?? null;
    if (!this.#parts.memory.retained.keep(topic, payload, qos, user)) this.#parts.onNoRoom(topic);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    const { retained } = this.#parts.memory;
    const granted = new Map(this.reader?.subscriptions.map(({ topic, qos }) => [topic, qos]));
    const found = new Map<string, Waiting>();
    for (const filter of filters) {
      for (const kept of retained.matching(filter)) {
        const { topic, qos } = kept;
        // At no more than the QoS that was granted (3.8.4-6): aedes looks at that of exact topics only.
        const most = Math.max(found.get(topic)?.qos ?? 0, Math.min(qos, granted.get(filter) ?? 0));
        found.set(topic, { topic, qos: most, payload: () => kept.payload });
      }
    }
    return this.#stream([...found.values()], this.reader?.sessionKey ?? null);
  }

  /** aedes hands over all filters of a packet with each that it was granted, also those that were refused. */
  async addSubscriptions({ id }: Who, subscriptions: readonly Subscription[]): Promise<void> {
    for (const { topic, qos } of subscriptions)
      if (qos <= 1 && this.#parts.maySubscribe(id, topic)) this.#parts.memory.sessions.subscribe(id, topic, qos);
  }

  async removeSubscriptions({ id }: Who, filters: readonly string[]): Promise<void> {
    for (const filter of filters) this.#parts.memory.sessions.unsubscribe(id, filter);
  }

  async subscriptionsByClient({ id }: Who): Promise<Pick<Subscription, 'topic' | 'qos'>[]> {
    const subscriptions = this.#parts.memory.sessions.get(id)?.subscriptions ?? new Map<string, number>();
    return [...subscriptions].map(([topic, qos]) => ({ topic, qos: qos > 0 ? 1 : 0 }));
  }

  async subscriptionsByTopic(topic: string): Promise<{ clientId: string; topic: string; qos: number }[]> {
    return this.#parts.memory.sessions.interested(topic).map(({ key, ...rest }) => ({ clientId: key, ...rest }));
  }

  /** A client that begins anew (clean=1). */
  async cleanSubscriptions({ id }: Who): Promise<void> {
    this.#parts.memory.sessions.drop(id);
  }

  async outgoingEnqueueCombi(readers: readonly { clientId: string }[], message: Message): Promise<void> {
    const keys = new Set(readers.map(({ clientId }) => clientId));
    for (const key of keys) this.#parts.memory.sessions.enqueue(key, toQueued(message));
  }

  /** Rejects where the queue was full: aedes then ends the connection of a client that acknowledges nothing. */
  async outgoingUpdate({ id }: Who, packet: Partial<Message> & Acknowledgement): Promise<void> {
    const { brokerId = '', brokerCounter = 0, messageId } = packet;
    if (!this.#parts.memory.sessions.sending(id, queuedId({ brokerId, brokerCounter }), messageId))
      throw new Error('a message that is not queued');
  }

  async outgoingClearMessageId({ id }: Who, { messageId }: Acknowledgement): Promise<Queued | undefined> {
    return messageId === undefined ? undefined : this.#parts.memory.sessions.acknowledged(id, messageId);
  }

  outgoingStream({ id }: Who): Readable {
    const queue = [...(this.#parts.memory.sessions.get(id)?.queue.values() ?? [])];
    const waiting = queue.map((message) => ({ ...message, payload: () => message.payload }));
    return this.#stream(waiting, id);
  }

  async incomingStorePacket({ id }: Who, { messageId }: Acknowledgement): Promise<void> {
    const ids = this.#inbound.get(id) ?? new Set();
    this.#inbound.set(id, bounded(ids.add(messageId ?? 0), BROKER_LIMITS.inflightQos2));
    forgetOldest(this.#inbound, BROKER_LIMITS.sessions);
  }

  async incomingGetPacket<P extends Acknowledgement & { readonly cmd: string }>({ id }: Who, packet: P): Promise<P> {
    if (this.#inbound.get(id)?.has(packet.messageId ?? 0) !== true) throw new Error('a message that is new');
    if (packet.cmd === 'publish') this.#parts.onRepeated(id);
    return packet;
  }

  async incomingDelPacket({ id }: Who, { messageId }: Acknowledgement): Promise<void> {
    this.#inbound.get(id)?.delete(messageId ?? 0);
  }

  async cleanIncoming({ id }: Who): Promise<void> {
    this.#inbound.delete(id);
  }

  async putWill(): Promise<void> {}

  async delWill(): Promise<void> {}

  streamWill(): Readable {
    return Readable.from([]);
  }

  async destroy(): Promise<void> {}

  #stream(messages: readonly Waiting[], reader: string | null): Readable {
    const { paced } = this.#parts;
    return Readable.from(each());
    async function* each() {
      for (const message of messages) {
        await paced(reader);
        yield { cmd: 'publish', ...message, payload: message.payload() };
      }
    }
  }
}

/** A message on its way to a reader. Its bytes are made when it is its turn: whoever asks again and again holds nothing. */
interface Waiting {
  readonly topic: string;
  readonly qos: number;
  readonly payload: () => Buffer;
}

function toQueued({ brokerId, brokerCounter, topic, payload }: Message): Queued {
  // Memory of its own, as of retained messages.
  const copy = Buffer.from(new Uint8Array(payload).buffer);
  const fixed = { cmd: 'publish', qos: 1, retain: false, dup: false, messageId: undefined } as const;
  return { ...fixed, brokerId, brokerCounter, topic, payload: copy };
}

function bounded(ids: Set<number>, atMost: number): Set<number> {
  for (const id of ids) if (ids.size > atMost) ids.delete(id);
  return ids;
}

function forgetOldest(map: Map<string, unknown>, atMost: number): void {
  const oldest = map.keys().next().value;
  if (map.size > atMost && oldest !== undefined) map.delete(oldest);
}
