import type { Clock } from '../../../relay-drivers/clock.ts';
import type { MqttMessage, MqttState } from '../../../relay-drivers/transport/mqtt.ts';
import type { MqttUser } from '../../core/model.ts';
import { ensureFolder } from '../../folder.ts';
import { BROKER_LIMITS } from '../limits.ts';
import type { Broker, Request, UserBook } from '../port.ts';
import { accessRules } from './access.ts';
import type { Connection } from './connection.ts';
import { Doors, type TlsParts } from './doors.ts';
import { Ears } from './ears.ts';
import { Engine } from './engine.ts';
import { FailedLogins } from './failed-logins.ts';
import { judge } from './login.ts';
import { Memory } from './memory.ts';
import { publisherOf } from './publisher.ts';
import { type Refusal, type RefusalKind, Refusals } from './refusals.ts';
import { matches } from './topics.ts';

export interface EmbeddedParts {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly tls?: TlsParts;
  readonly users: UserBook;
  /** Users that are in no ledger: of the simulated plugs. May have as many connections as they like. */
  readonly transientUsers?: readonly MqttUser[];
  readonly hubId: string;
  readonly dataDir: string;
  readonly clock: Clock;
  /** Command topics that no rule can know, because people made them up (generic-mqtt). */
  readonly isCommand?: (topic: string) => boolean;
  /** Home Assistant's discovery prefix, where it is another than `homeassistant`. */
  readonly discovery?: string;
  onTrouble(what: string, error: unknown): void;
  onRefused?(refusal: Refusal): void;
}

export interface BrokerCounts {
  readonly connections: number;
  /** Of these, those that have not logged in yet. */
  readonly strangers: number;
  /** Bytes of packets that have not come to their end. */
  readonly heldBytes: number;
  readonly retained: number;
  readonly sessions: number;
  /** Since the start. */
  readonly refused: Readonly<Record<RefusalKind, number>>;
}

export interface EmbeddedBroker extends Broker {
  /** `mqtts://host:port`; null without TLS. */
  readonly tlsUrl: string | null;
  counts(): BrokerCounts;
}

/** Opens the hub's own broker. Rejects where its port is taken (`code` EADDRINUSE); the caller decides what then. */
export async function openEmbedded(parts: EmbeddedParts): Promise<EmbeddedBroker> {
  ensureFolder(parts.dataDir);
  const { clock, dataDir, hubId, onTrouble } = parts;
  const find = finder(parts);
  const refusals = new Refusals(clock, (refusal) => parts.onRefused?.(refusal));
  const online = { is: (_sessionKey: string): boolean => false };
  const isOnline = (key: string) => online.is(key);
  const memory = await Memory.load({ dataDir, clock, onTrouble, isOnline, isKnown: (name) => find(name) !== null });
  const ears = new Ears({ retained: memory.retained, publisherOf: (name) => publisherNamed(find, name), onTrouble });
  const rules = accessRules(hubId, parts.isCommand, parts.discovery, (name) => find(name)?.role === 'device');
  const engine = await Engine.start({ hubId, rules, memory, ears, refusals, find, onTrouble });
  online.is = (key) => engine.connectionOf(key) !== undefined;
  const broker = new Embedded(parts, { find, refusals, memory, ears, engine });
  await broker.open();
  return broker;
}

interface Rooms {
  readonly find: Find;
  readonly refusals: Refusals;
  readonly memory: Memory;
  readonly ears: Ears;
  readonly engine: Engine;
}

class Embedded implements EmbeddedBroker {
  readonly #parts: EmbeddedParts;
  readonly #rooms: Rooms;
  readonly #doors: Doors;
  readonly #failedLogins: FailedLogins;
  readonly #listeners = new Set<(state: MqttState) => void>();
  #state: MqttState = { isUp: true };
  #said: Promise<unknown> = Promise.resolve();
  #forgetUsers: () => void = () => {};
  url = '';
  tlsUrl: string | null = null;

  constructor(parts: EmbeddedParts, rooms: Rooms) {
    this.#parts = parts;
    this.#rooms = rooms;
    this.#failedLogins = new FailedLogins(parts.clock);
    this.#doors = new Doors({
      ...parts,
      failedLogins: this.#failedLogins,
      refusals: rooms.refusals,
      onConnect: (connection, packet) => this.#login(connection, packet),
    });
  }

  async open(): Promise<void> {
    const { host, users } = this.#parts;
    const { port, tlsPort } = await this.#doors.open().catch(async (error: unknown) => {
      await this.#letGo();
      throw error;
    });
    const name = host.includes(':') ? `[${host}]` : host;
    this.url = `mqtt://${name}:${port}`;
    this.tlsUrl = tlsPort === null ? null : `mqtts://${name}:${tlsPort}`;
    this.#forgetUsers = users.onChange((user) => this.#userChanged(user));
  }

  get state(): MqttState {
    return this.#state;
  }

  onStateChange(listener: (state: MqttState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  subscribe(filter: string, listener: (message: MqttMessage) => void): () => void {
    return this.#rooms.ears.onMessage(filter, listener);
  }

  onRequest(filter: string, listener: (request: Request) => void): () => void {
    return this.#rooms.ears.onRequest(filter, listener);
  }

  recall(filter: string): void {
    this.#rooms.ears.recall(filter);
  }

  /** aedes queues QoS 1 alone for those who are away, so a command waits for nobody (S11). */
  send(topic: string, payload: string): boolean {
    if (!this.#state.isUp) return false;
    this.#rooms.engine.publish(topic, payload, { qos: 0, retain: false }).catch((error: unknown) => {
      this.#parts.onTrouble('a command could not be sent over MQTT', error);
    });
    return true;
  }

  async publish(topic: string, payload: string, how: { readonly qos: 0 | 1; readonly retain: boolean }): Promise<void> {
    const turn = this.#said.then(() => {
      if (!this.#state.isUp) throw new Error('the MQTT broker is closed');
      return this.#rooms.engine.publish(topic, payload, how);
    });
    this.#said = turn.catch(() => {});
    return turn;
  }

  cut(topic: string): void {
    for (const connection of this.#doors.connections)
      if ([...connection.filters].some((filter) => matches(filter, topic))) connection.drop();
  }

  counts(): BrokerCounts {
    const { memory, refusals } = this.#rooms;
    const kept = { retained: memory.retained.count, sessions: memory.sessions.count };
    return { ...this.#doors.counts, ...kept, refused: { ...refusals.counts } };
  }

  async close(): Promise<void> {
    if (!this.#state.isUp) return;
    this.#state = { isUp: false, reason: 'the hub stops' };
    for (const listener of this.#listeners) listener(this.#state);
    this.#forgetUsers();
    // What the devices' last wills say now is kept, but no news: the hub is leaving them.
    this.#rooms.ears.close();
    this.#doors.shut();
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.#rooms.engine.close();
    await this.#doors.close();
    await this.#rooms.memory.close();
  }

  #login(connection: Connection, packet: Buffer): void {
    const { engine, find } = this.#rooms;
    const login = judge(packet, engine.newParser, find);
    if ('code' in login) {
      if (login.kind === 'login') this.#failedLogins.failed(connection.address);
      connection.refuse(login.code, login.kind, login.reason);
      return;
    }
    if (!this.#isTransient(login.user.name)) this.#makeRoom(login.user.name);
    engine.handle(connection, connection.admit(login, packet));
  }

  #makeRoom(user: string): void {
    const own = this.#connectionsOf(user);
    if (own.length >= BROKER_LIMITS.connectionsPerUser) own[0]?.cut('limit', 'too many connections of this user');
  }

  #userChanged(name: string): void {
    for (const connection of this.#connectionsOf(name)) connection.drop();
    if (this.#rooms.find(name) !== null) return;
    this.#rooms.memory.sessions.dropUser(name);
    this.#rooms.memory.retained.dropUser(name);
  }

  #connectionsOf(user: string): Connection[] {
    return [...this.#doors.connections].filter(({ login }) => login?.user.name === user);
  }

  #isTransient(name: string): boolean {
    return this.#parts.transientUsers?.some((user) => user.name === name) === true;
  }
}

type Find = (name: string) => MqttUser | null;

/** The ledger's users come first: a simulated one never takes a name from them. */
function finder({ users, transientUsers = [] }: EmbeddedParts): Find {
  return (name) => users.find(name) ?? transientUsers.find((user) => user.name === name) ?? null;
}

function publisherNamed(find: Find, name: string | null) {
  const user = name === null ? null : find(name);
  return user === null ? null : publisherOf(user);
}
