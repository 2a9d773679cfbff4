import { BROKER_LIMITS } from '../limits.ts';
import { TopicIndex } from './topic-index.ts';

/** A message that the broker keeps. */
export interface Kept {
  readonly topic: string;
  /** A copy, made anew each time. */
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  /** Who published it; null: the hub itself, which says it again after each start. */
  readonly user: string | null;
}

/**
 * Its bytes are kept as a string, one character for each: 300 bytes less than a Buffer, of which a thousand plugs have some
 * six each.
 */
class Message implements Kept {
  readonly topic: string;
  readonly qos: 0 | 1;
  readonly user: string | null;
  readonly #bytes: string;

  constructor(topic: string, payload: Buffer, qos: 0 | 1, user: string | null) {
    this.topic = topic;
    this.#bytes = payload.toString('latin1');
    this.qos = qos;
    this.user = user;
  }

  get payload(): Buffer {
    return Buffer.from(this.#bytes, 'latin1');
  }

  get size(): number {
    return this.topic.length + this.#bytes.length;
  }

  saysSameAs(other: Message): boolean {
    return this.#bytes === other.#bytes;
  }
}

export type KeptChange = 'new' | 'changed' | 'gone';

interface Share {
  readonly count: number;
  readonly bytes: number;
}

const NOTHING: Share = { count: 0, bytes: 0 };

/** The retained messages. Bounded for each user, so that one device cannot take the room of all others. */
export class Retained {
  readonly #kept = new Map<string, Message>();
  readonly #index = new TopicIndex<Message>();
  readonly #shares = new Map<string, Share>();
  #total = NOTHING;
  readonly #onChange: (kept: Kept, change: KeptChange) => void;

  constructor(onChange: (kept: Kept, change: KeptChange) => void) {
    this.#onChange = onChange;
  }

  get count(): number {
    return this.#kept.size;
  }

  get(topic: string): Kept | undefined {
    return this.#kept.get(topic);
  }

  /** False: there is no room for it. Nothing to say (an empty payload) takes back what was kept (3.3.1-10). */
  keep(topic: string, payload: Buffer, qos: number, user: string | null): boolean {
    const before = this.#kept.get(topic);
    if (payload.length === 0) {
      if (before !== undefined) this.#remove(before);
      return true;
    }
    if (!this.#hasRoom(topic, payload.length, user, before)) return false;
    if (before !== undefined) this.#count(before, -1);
    const kept = new Message(topic, payload, qos > 0 ? 1 : 0, user);
    this.#kept.set(topic, kept);
    this.#index.set(topic, kept);
    this.#count(kept, 1);
    // A device repeats itself; only news is worth a write.
    const isNews = before === undefined || before.user !== user || !kept.saysSameAs(before);
    if (isNews) this.#onChange(kept, before === undefined ? 'new' : 'changed');
    return true;
  }

  matching(filter: string): Kept[] {
    return this.#index.match(filter);
  }

  all(): Iterable<Kept> {
    return this.#kept.values();
  }

  /** What nobody answers for any more. */
  dropUser(name: string): void {
    for (const kept of [...this.#kept.values()]) if (kept.user === name) this.#remove(kept);
  }

  #hasRoom(topic: string, payloadBytes: number, user: string | null, before: Message | undefined): boolean {
    // The hub's own are bounded by the number of appliances.
    if (user === null) return true;
    const bytes = topic.length + payloadBytes;
    const beforeBytes = before === undefined ? 0 : before.size;
    const share = this.#shares.get(user) ?? NOTHING;
    const own = before?.user === user ? { count: 1, bytes: beforeBytes } : NOTHING;
    const counted = before === undefined || before.user === null ? NOTHING : { count: 1, bytes: beforeBytes };
    return (
      share.count - own.count < BROKER_LIMITS.retainedPerUser &&
      share.bytes - own.bytes + bytes <= BROKER_LIMITS.retainedBytesPerUser &&
      this.#total.count - counted.count < BROKER_LIMITS.retained &&
      this.#total.bytes - counted.bytes + bytes <= BROKER_LIMITS.retainedBytes
    );
  }

  #remove(kept: Message): void {
    this.#kept.delete(kept.topic);
    this.#index.delete(kept.topic);
    this.#count(kept, -1);
    this.#onChange(kept, 'gone');
  }

  #count(kept: Message, sign: 1 | -1): void {
    if (kept.user === null) return;
    const add = ({ count, bytes }: Share) => ({ count: count + sign, bytes: bytes + sign * kept.size });
    const share = add(this.#shares.get(kept.user) ?? NOTHING);
    if (share.count === 0) this.#shares.delete(kept.user);
    else this.#shares.set(kept.user, share);
    this.#total = add(this.#total);
  }
}
