import type { EventEmitter } from 'node:events';
import type { Aedes, AedesOptions, AedesPublishPacket, Client, PublishPacket, Subscription } from 'aedes';
import type { Parser } from 'mqtt-packet';
import type { MqttRole, MqttUser } from '../../core/model.ts';
import { BROKER_LIMITS } from '../limits.ts';
import { type AccessRules, isOneAnnouncement, isSet } from './access.ts';
import type { Connection } from './connection.ts';
import type { Ears } from './ears.ts';
import { Fanout } from './fanout.ts';
import type { Memory } from './memory.ts';
import { Persistence } from './persistence.ts';
import { publisherOf } from './publisher.ts';
import { quietly } from './quiet.ts';
import type { Refusals } from './refusals.ts';
import { type Done, Serial } from './serial.ts';
import { filterFault, topicFault } from './topics.ts';

export interface EngineParts {
  readonly hubId: string;
  readonly rules: AccessRules;
  readonly memory: Memory;
  readonly ears: Ears;
  readonly refusals: Refusals;
  find(name: string): MqttUser | null;
  onTrouble(what: string, error: unknown): void;
}

/** aedes' news of itself. Nobody may read it, and nothing here needs it. */
const SYSTEM = '$SYS/';

/** aedes looks for dead brokers of a cluster four times as seldom; beyond 2^31 ms a timer fires at once. */
const HEARTBEAT_MS = 2 ** 28;

const SUBSCRIPTIONS: Record<MqttRole, number> = {
  device: BROKER_LIMITS.subscriptionsOfDevice,
  integration: BROKER_LIMITS.subscriptionsOfIntegration,
  viewer: BROKER_LIMITS.subscriptionsOfViewer,
};

/** aedes, and what it is told to do. Loaded when it is needed: the hub's start does not wait for it. */
export class Engine {
  readonly newParser: () => Parser;
  readonly #parts: EngineParts;
  readonly #aedes: Aedes;
  readonly #serial: Serial;
  readonly #persistence: Persistence;
  readonly #byGate = new WeakMap<object, Connection>();
  readonly #bySession = new Map<string, Connection>();

  static async start(parts: EngineParts): Promise<Engine> {
    const [{ Aedes }, { default: mqttPacket }] = await quietly(() =>
      Promise.all([import('aedes'), import('mqtt-packet')]),
    );
    // Or 65,536 small buffers are kept for packet ids.
    Object.assign(mqttPacket.writeToStream, { cacheNumbers: false });
    const engine = new Engine(parts, Aedes, () => mqttPacket.parser());
    await engine.#aedes.listen();
    return engine;
  }

  private constructor(parts: EngineParts, Broker: typeof Aedes, newParser: () => Parser) {
    this.#parts = parts;
    this.newParser = newParser;
    this.#persistence = this.#newPersistence();
    this.#aedes = new Broker(this.#options());
    const publish = this.#aedes.publish;
    this.#serial = new Serial(({ packet, client, done }) =>
      Reflect.apply(publish, this.#aedes, [packet, client, done]),
    );
    // aedes itself calls it too, for what clients publish: with the client, which its type does not show.
    Object.assign(this.#aedes, {
      publish: (packet: PublishPacket, client: Client | Done | null, done?: Done) =>
        typeof client === 'function' ? this.#take(packet, null, client) : this.#take(packet, client, done),
    });
    this.#listen();
  }

  /** The connection of a session. */
  connectionOf(sessionKey: string): Connection | undefined {
    return this.#bySession.get(sessionKey);
  }

  /** A connection that has logged in, and the CONNECT it did so with. */
  handle(connection: Connection, gate: object & Parameters<Aedes['handle']>[0]): void {
    this.#byGate.set(gate, connection);
    this.#aedes.handle(gate);
  }

  /** The hub speaks. Resolves when it went out. */
  publish(topic: string, payload: string, how: { readonly qos: 0 | 1; readonly retain: boolean }): Promise<void> {
    const packet: PublishPacket = { cmd: 'publish', topic, payload: Buffer.from(payload), dup: false, ...how };
    return new Promise((resolve, reject) => {
      this.#take(packet, null, (error) => (error instanceof Error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    // The wills of those that were there.
    await this.#serial.idle();
  }

  #of({ conn }: Client): Connection | undefined {
    return this.#byGate.get(conn);
  }

  /** A message on its way in. One that is not allowed is dropped and acknowledged: see the README. */
  #take(packet: PublishPacket, client: Client | null, done: Done = () => {}): void {
    if (client === null) {
      if (packet.topic.startsWith(SYSTEM)) return done(null);
      return this.#serial.add({ packet, client, isToKeep: packet.retain, done });
    }
    const connection = this.#of(client);
    const user = connection?.login?.user;
    if (connection === undefined || user === undefined) return done(new Error('nobody that logged in'));
    const finish: Done = (error) => {
      done(error);
      connection.gate?.release();
    };
    if (!this.#parts.rules.mayPublish(user, packet.topic)) {
      connection.note('publish', `a ${user.role} may not publish there`, packet.topic);
      return finish(null);
    }
    if (this.#isAnothers(user, packet.topic)) {
      connection.note('publish', 'another device announced itself there', packet.topic);
      return finish(null);
    }
    const retain = packet.retain && this.#isKept(user, packet.topic);
    const qos = packet.qos > 0 ? 1 : 0;
    const taken: PublishPacket = { ...packet, qos, retain, dup: false };
    this.#serial.add({ packet: taken, client, isToKeep: packet.retain, done: finish });
  }

  /** Nobody announces under another's address: a person would adopt the one for the other. */
  #isAnothers({ name }: MqttUser, topic: string): boolean {
    const owner = isOneAnnouncement(topic) ? (this.#parts.memory.retained.get(topic)?.user ?? null) : null;
    return owner !== null && owner !== name && this.#parts.find(owner) !== null;
  }

  /** A kept `set` would come again with every start; and nobody answers for what a removed user leaves. */
  #isKept({ name }: MqttUser, topic: string): boolean {
    return !isSet(this.#parts.hubId, topic) && this.#parts.find(name) !== null;
  }

  #sent({ topic, payload }: AedesPublishPacket): void {
    const job = this.#serial.current;
    const user = job?.client ? this.#of(job.client)?.login?.user : undefined;
    if (job !== null && user !== undefined) {
      const said = { topic, payload: Buffer.from(payload), isOld: false, isToKeep: job.isToKeep };
      this.#parts.ears.hear({ ...said, from: publisherOf(user) });
    }
    this.#serial.sent();
  }

  #options(): AedesOptions {
    return {
      heartbeatInterval: HEARTBEAT_MS,
      // Time limits, readers that are slow, and the rest of CONNECT: connection.ts and login.ts.
      drainTimeout: 0,
      maxClientsIdLength: BROKER_LIMITS.userNameChars + 1 + BROKER_LIMITS.clientIdChars,
      maxTopicLevels: BROKER_LIMITS.topicLevels,
      maxInflightInbound: BROKER_LIMITS.inflightQos2,
      mq: new Fanout<AedesPublishPacket>((packet) => this.#sent(packet)),
      persistence: this.#persistence,
      preConnect: (client, packet, done) => {
        packet.clientId = this.#of(client)?.login?.sessionKey ?? packet.clientId;
        // connection.ts looks for silence.
        packet.keepalive = 0;
        done(null, true);
      },
      authenticate: (client, _name, _password, done) => done(null, (this.#of(client)?.login ?? null) !== null),
      authorizePublish: (_client, packet, done) => done(errorOf(topicFault(packet.topic))),
      authorizeSubscribe: (client, subscription, done) => {
        const fault = filterFault(subscription.topic);
        if (fault !== null) done(new Error(fault));
        else done(null, this.#granted(client, subscription));
      },
    };
  }

  /** Null: SUBACK says no. At QoS 1 at most: nothing here needs more, and 3.8.4-6 lets a server grant less. */
  #granted(client: Client, subscription: Subscription): Subscription | null {
    const connection = this.#of(client);
    const { user, sessionKey } = connection?.login ?? {};
    if (connection === undefined || user === undefined || sessionKey === undefined) return null;
    const { topic } = subscription;
    const isAllowed = this.#parts.rules.maySubscribe(user, topic);
    if (isAllowed && (connection.filters.has(topic) || connection.filters.size < SUBSCRIPTIONS[user.role])) {
      connection.filters.add(topic);
      subscription.qos = subscription.qos > 0 ? 1 : 0;
      return subscription;
    }
    // It may have been allowed when the session began.
    this.#parts.memory.sessions.unsubscribe(sessionKey, topic);
    if (isAllowed) connection.note('limit', 'too many subscriptions', topic);
    else connection.note('subscribe', `a ${user.role} may not subscribe to that`, topic);
    return null;
  }

  #listen(): void {
    const { memory, onTrouble } = this.#parts;
    const emitter: EventEmitter = this.#aedes;
    emitter.on('error', (error) => onTrouble('the MQTT broker failed', error));
    this.#aedes.on('clientError', (client, error) => this.#of(client)?.cut('malformed', error.message));
    this.#aedes.on('connectionError', (client, error) => this.#of(client)?.cut('malformed', error.message));
    this.#aedes.on('client', (client) => {
      const connection = this.#of(client);
      if (connection !== undefined) this.#bySession.set(client.id, connection);
    });
    this.#aedes.on('clientReady', (client) => this.#of(client)?.gate?.release());
    this.#aedes.on('clientDisconnect', ({ id }) => {
      this.#bySession.delete(id);
      memory.sessions.left(id);
    });
    this.#aedes.on('subscribe', (subscriptions, client) => {
      this.#persistence.reader = { sessionKey: client.id, subscriptions };
      this.#of(client)?.gate?.release();
    });
    this.#aedes.on('unsubscribe', (filters, client) => {
      const connection = this.#of(client);
      for (const filter of filters) connection?.filters.delete(filter);
      connection?.gate?.release();
    });
  }

  #newPersistence(): Persistence {
    const userOf = (client: Client | null | undefined) => (client ? this.#of(client)?.login?.user : undefined);
    return new Persistence({
      memory: this.#parts.memory,
      publisher: () => userOf(this.#serial.current?.client) ?? null,
      maySubscribe: (key, filter) => this.#bySession.get(key)?.filters.has(filter) === true,
      onNoRoom: (topic) => {
        const client = this.#serial.current?.client;
        if (client) this.#of(client)?.note('limit', 'no room to keep more messages', topic);
      },
      onRepeated: (key) => this.#bySession.get(key)?.gate?.release(),
      paced: async (key) => this.#bySession.get(key ?? '')?.relieved(),
    });
  }
}

function errorOf(fault: string | null): Error | null {
  return fault === null ? null : new Error(fault);
}
