import { BROKER_LIMITS } from '../limits.ts';
import { userOfSession } from './login.ts';
import { TopicTree } from './topic-tree.ts';

/** A QoS 1 message on its way to a client that comes back (clean=0), until the client has acknowledged it. */
export interface Queued {
  readonly cmd: 'publish';
  /** aedes knows a message by these two. */
  readonly brokerId: string;
  readonly brokerCounter: number;
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 1;
  readonly retain: false;
  readonly dup: false;
  messageId: number | undefined;
}

/** What is kept for a client between its connections. */
export interface Session {
  readonly key: string;
  readonly subscriptions: Map<string, number>;
  readonly queue: Map<string, Queued>;
  queuedBytes: number;
}

interface Interest {
  readonly key: string;
  readonly topic: string;
  readonly qos: number;
}

export type SessionChange = 'subscriptions' | 'queue' | 'gone';

export interface SessionsParts {
  isOnline(key: string): boolean;
  onChange(key: string, change: SessionChange): void;
}

export function queuedId({ brokerId, brokerCounter }: Pick<Queued, 'brokerId' | 'brokerCounter'>): string {
  return `${brokerId}:${brokerCounter}`;
}

/** Sessions of clients with clean=0: what they subscribed to, and QoS 1 messages that they have not got yet. All bounded. */
export class Sessions {
  /** In the order in which they were last seen. */
  readonly #sessions = new Map<string, Session>();
  readonly #interests = new TopicTree<Interest>();
  readonly #parts: SessionsParts;
  #queuedBytes = 0;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#sessions.size;
  }

  get(key: string): Session | undefined {
    return this.#sessions.get(key);
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  subscribe(key: string, filter: string, qos: number): void {
    const session = this.#sessions.get(key) ?? this.#open(key);
    const before = session.subscriptions.get(filter);
    if (before === qos) return;
    if (before !== undefined) this.#forgetInterest(key, filter);
    session.subscriptions.set(filter, qos);
    this.#interests.add(filter, { key, topic: filter, qos });
    this.#parts.onChange(key, 'subscriptions');
  }

  unsubscribe(key: string, filter: string): void {
    const session = this.#sessions.get(key);
    if (session?.subscriptions.delete(filter) !== true) return;
    this.#forgetInterest(key, filter);
    this.#parts.onChange(key, 'subscriptions');
  }

  /** Who must get a QoS 1 message of this topic, now or later. */
  interested(topic: string): Interest[] {
    return this.#interests.match(topic).filter(({ qos }) => qos > 0);
  }

  /** What does not fit is not kept: a client that is away so long has missed other things too. */
  enqueue(key: string, message: Queued): boolean {
    const session = this.#sessions.get(key);
    const bytes = message.topic.length + message.payload.length;
    if (session === undefined || !this.#hasRoom(session, bytes)) return false;
    session.queue.set(queuedId(message), message);
    this.#countBytes(session, bytes);
    this.#parts.onChange(key, 'queue');
    return true;
  }

  /** The packet id under which the client will acknowledge it; false: it is not in the queue. */
  sending(key: string, id: string, messageId: number | undefined): boolean {
    const message = this.#sessions.get(key)?.queue.get(id);
    if (message !== undefined) message.messageId = messageId;
    return message !== undefined;
  }

  acknowledged(key: string, messageId: number): Queued | undefined {
    const session = this.#sessions.get(key);
    for (const [id, message] of session?.queue ?? []) {
      if (message.messageId !== messageId || session === undefined) continue;
      session.queue.delete(id);
      this.#countBytes(session, -(message.topic.length + message.payload.length));
      this.#parts.onChange(key, 'queue');
      return message;
    }
    return undefined;
  }

  /** It is gone: it is now the one that was seen last. */
  left(key: string): void {
    const session = this.#sessions.get(key);
    if (session === undefined) return;
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
  }

  drop(key: string): void {
    const session = this.#sessions.get(key);
    if (session === undefined) return;
    for (const filter of session.subscriptions.keys()) this.#forgetInterest(key, filter);
    this.#countBytes(session, -session.queuedBytes);
    this.#sessions.delete(key);
    this.#parts.onChange(key, 'gone');
  }

  dropUser(name: string): void {
    for (const key of [...this.#sessions.keys()]) if (userOfSession(key) === name) this.drop(key);
  }

  #open(key: string): Session {
    const user = userOfSession(key);
    const ofUser = [...this.#sessions.keys()].filter((one) => userOfSession(one) === user);
    if (ofUser.length >= BROKER_LIMITS.sessionsPerUser) this.#dropUnseen(ofUser);
    if (this.#sessions.size >= BROKER_LIMITS.sessions) this.#dropUnseen([...this.#sessions.keys()]);
    const session: Session = { key, subscriptions: new Map(), queue: new Map(), queuedBytes: 0 };
    this.#sessions.set(key, session);
    return session;
  }

  #dropUnseen(keys: readonly string[]): void {
    const away = keys.find((key) => !this.#parts.isOnline(key));
    if (away !== undefined) this.drop(away);
  }

  #hasRoom(session: Session, bytes: number): boolean {
    return (
      session.queue.size < BROKER_LIMITS.queuedPerSession &&
      session.queuedBytes + bytes <= BROKER_LIMITS.queuedBytesPerSession &&
      this.#queuedBytes + bytes <= BROKER_LIMITS.queuedBytes
    );
  }

  #countBytes(session: Session, bytes: number): void {
    session.queuedBytes += bytes;
    this.#queuedBytes += bytes;
  }

  #forgetInterest(key: string, filter: string): void {
    this.#interests.removeWhere(filter, (interest) => interest.key === key);
  }
}
