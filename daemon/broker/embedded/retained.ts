import { BROKER_LIMITS } from '../limits.ts';
import { TopicIndex } from './topic-index.ts';

/** A message that the broker keeps. */
export interface Kept {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  /** Who published it; null: the hub itself, which says it again after each start. */
  readonly user: string | null;
}

export type KeptChange = 'new' | 'changed' | 'gone';

interface Share {
  readonly count: number;
  readonly bytes: number;
}

const NOTHING: Share = { count: 0, bytes: 0 };

/** The retained messages. Bounded for each user, so that one device cannot take the room of all others. */
export class Retained {
  readonly #kept = new Map<string, Kept>();
  readonly #index = new TopicIndex<Kept>();
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
    const kept: Kept = { topic, payload: ownCopy(payload), qos: qos > 0 ? 1 : 0, user };
    this.#kept.set(topic, kept);
    this.#index.set(topic, kept);
    this.#count(kept, 1);
    // A device repeats itself; only news is worth a write.
    const isNews = before === undefined || before.user !== user || !before.payload.equals(payload);
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

  #hasRoom(topic: string, payloadBytes: number, user: string | null, before: Kept | undefined): boolean {
    // The hub's own are bounded by the number of appliances.
    if (user === null) return true;
    const bytes = topic.length + payloadBytes;
    const beforeBytes = before === undefined ? 0 : sizeOf(before);
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

  #remove(kept: Kept): void {
    this.#kept.delete(kept.topic);
    this.#index.delete(kept.topic);
    this.#count(kept, -1);
    this.#onChange(kept, 'gone');
  }

  #count(kept: Kept, sign: 1 | -1): void {
    if (kept.user === null) return;
    const add = ({ count, bytes }: Share) => ({ count: count + sign, bytes: bytes + sign * sizeOf(kept) });
    const share = add(this.#shares.get(kept.user) ?? NOTHING);
    if (share.count === 0) this.#shares.delete(kept.user);
    else this.#shares.set(kept.user, share);
    this.#total = add(this.#total);
  }
}

function sizeOf({ topic, payload }: Kept): number {
  return topic.length + payload.length;
}

/** Memory of its own: what came in is a view of all that came with it, or of Node's pool. */
function ownCopy(payload: Uint8Array): Buffer {
  return Buffer.from(new Uint8Array(payload).buffer);
}
