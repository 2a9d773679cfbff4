import type { IClientOptions, IPublishPacket, MqttClient } from 'mqtt';
import type { Clock } from '../../relay-drivers/clock.ts';
import { endOf, type LinkEnd } from './external-end.ts';
import { HeldCommands } from './external-held.ts';
import { EXTERNAL_LIMITS } from './external-limits.ts';
import type { Heard, Subscription } from './external-subscriptions.ts';
import { Wire, type WireTarget } from './external-wire.ts';

export type Version = 4 | 5;

export interface LinkParts {
  readonly Client: typeof MqttClient;
  readonly target: WireTarget;
  readonly version: Version;
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly will: { readonly topic: string; readonly payload: string };
  readonly clock: Clock;
  /** The broker took us in. */
  readonly onTaken: () => void;
  readonly onMessage: (heard: Heard, numbers: readonly number[] | null) => void;
  readonly onDropped: (bytes: number) => void;
  /** Called once, whatever came before. */
  readonly onEnd: (end: LinkEnd) => void;
}

/**
 * One connection, from the first byte to the last. The next one is another: nothing of this one is sent again by it
 * (mqtt.js keeps unsent and unacknowledged messages over its own reconnects, durability.md).
 */
export class Link {
  readonly #parts: LinkParts;
  readonly #wire: Wire;
  readonly #client: MqttClient;
  readonly #held: HeldCommands;
  readonly #pending = new Set<(failure: Error) => void>();
  #failure: unknown = null;
  #isAnswered = false;
  #isTaken = false;
  #isOver = false;
  /** Subscription identifiers are an optional part of MQTT 5. */
  #numbersAreTold = false;
  #cancelTimer: () => void;
  #isProving = false;
  #heardThisTurn = 0;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#wire = new Wire(parts.target, parts.onDropped);
    this.#wire.on('error', (failure) => this.#note(failure));
    this.#client = new parts.Client(() => this.#wire, options(parts));
    this.#held = new HeldCommands({
      clock: parts.clock,
      ping: () => this.#client.sendPing(),
      publish: (topic, payload) => this.#command(topic, payload),
    });
    this.#listen(this.#client);
    this.#cancelTimer = parts.clock.after(EXTERNAL_LIMITS.connectMs, () => this.drop(TOO_SLOW));
  }

  get isUp(): boolean {
    return this.#isTaken && !this.#isOver;
  }

  /** A broker that does not read is not reached: commands would pile up and arrive late (S11). */
  get takesCommands(): boolean {
    return this.isUp && this.#wire.writableLength <= EXTERNAL_LIMITS.backlogBytes;
  }

  /** Resolves when the broker listens for us; rejects where it does not let us. */
  async subscribe({ filter, number, isForRequests }: Subscription): Promise<void> {
    if (this.#isOver) return;
    const numbered = this.#numbersAreTold ? { properties: { subscriptionIdentifier: number } } : {};
    const five = this.#parts.version === 5 ? { nl: isForRequests, rap: isForRequests, rh: 0, ...numbered } : {};
    await this.#client.subscribeAsync(filter, { qos: 1, ...five });
  }

  unsubscribe(filter: string): void {
    // Its failure is that of the connection, and then nothing is heard anyway.
    if (!this.#isOver) this.#client.unsubscribe(filter, () => undefined);
  }

  send(topic: string, payload: string): boolean {
    return this.takesCommands && this.#held.add(topic, payload);
  }

  publish(topic: string, payload: string, how: { readonly qos: 0 | 1; readonly retain: boolean }): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.isUp) return reject(new Error('the broker does not take anything now'));
      this.#pending.add(reject);
      this.#client.publish(topic, payload, how, (failure) => {
        this.#pending.delete(reject);
        if (failure) reject(failure);
        else resolve();
      });
    });
  }

  /**
   * What was written may hang between us and the broker. It answers a ping in its turn: then it has all of it. Otherwise the
   * connection is reset, and what hangs in it is gone.
   */
  prove(): void {
    if (this.#isProving || !this.#isTaken || this.#isOver) return;
    this.#isProving = true;
    const cancel = this.#parts.clock.after(EXTERNAL_LIMITS.proofMs, () => this.drop(NO_PING));
    const answered = ({ cmd }: { cmd: string }): void => {
      if (cmd !== 'pingresp') return;
      cancel();
      this.#isProving = false;
      this.#client.off('packetreceive', answered);
    };
    this.#client.on('packetreceive', answered);
    this.#client.sendPing();
  }

  /** With a goodbye, so that the broker does not publish the last will. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#wire.destroyed) return resolve();
      this.#wire.once('close', resolve);
      const cancel = this.#parts.clock.after(EXTERNAL_LIMITS.closeMs, () => this.#wire.destroy());
      this.#wire.once('close', cancel);
      if (this.#isTaken) this.#client.end();
      else this.#wire.destroy();
    });
  }

  drop(failure: Error): void {
    this.#note(failure);
    this.#wire.destroy();
  }

  #listen(client: MqttClient): void {
    client.on('connect', () => this.#taken());
    client.on('message', (topic, payload, packet) => this.#heard(topic, payload, packet));
    client.handleMessage = (_packet, done) => this.#yield(done);
    client.on('disconnect', ({ reasonCode }) =>
      this.#note(Object.assign(new Error('disconnected'), { code: reasonCode })),
    );
    client.on('packetreceive', ({ cmd }) => {
      this.#isAnswered ||= cmd === 'connack';
      if (cmd === 'pingresp') this.#held.answered();
    });
    // What mqtt.js finds wrong with the other side ends the connection, whether it would go on or not.
    client.on('error', (failure) => this.drop(failure));
    client.on('close', () => this.#end());
  }

  #command(topic: string, payload: string): void {
    if (this.takesCommands) this.#client.publish(topic, payload, { qos: 0, retain: false }, () => undefined);
  }

  #taken(): void {
    this.#cancelTimer();
    this.#isTaken = true;
    const isTold = this.#client.serverProperties?.subscriptionIdentifiersAvailable !== false;
    this.#numbersAreTold = this.#parts.version === 5 && isTold;
    this.#parts.onTaken();
  }

  #heard(topic: string, payload: Uint8Array, packet: IPublishPacket): void {
    if (this.#isOver) return;
    const told = packet.properties?.subscriptionIdentifier;
    this.#parts.onMessage({ topic, payload, isRetained: packet.retain }, told === undefined ? null : [told].flat());
  }

  /** However many messages a chunk holds, others get their turn of the event loop; the broker waits meanwhile. */
  #yield(done: (failure?: Error) => void): void {
    this.#heardThisTurn += 1;
    if (this.#heardThisTurn < EXTERNAL_LIMITS.messagesPerTurn) return done();
    this.#heardThisTurn = 0;
    this.#parts.clock.after(0, done);
  }

  /** The first failure is the cause, later ones follow from it. */
  #note(failure: unknown): void {
    this.#failure ??= failure;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#held.drop();
    this.#cancelTimer();
    const end = endOf({ failure: this.#failure, isReached: this.#wire.isReached, isAnswered: this.#isAnswered });
    for (const reject of [...this.#pending]) reject(new Error(`the broker may not have it: ${end.reason}`));
    this.#pending.clear();
    this.#parts.onEnd(end);
  }
}

const TOO_SLOW = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
const NO_PING = new Error('it did not answer a ping');

function options({ version, clientId, username, password, will }: LinkParts): IClientOptions {
  const { keepAliveS, receiveMaximum, packetBytes } = EXTERNAL_LIMITS;
  return {
    protocolId: 'MQTT',
    protocolVersion: version,
    clientId,
    // What others published while the hub was away is not for it (S11).
    clean: true,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
    ...(version === 5 ? { properties: { receiveMaximum, maximumPacketSize: packetBytes } } : {}),
    keepalive: keepAliveS,
    queueQoSZero: false,
    // Ours: a new connection is a new client.
    reconnectPeriod: 0,
    resubscribe: false,
    // Above ours.
    connectTimeout: 2 * EXTERNAL_LIMITS.connectMs,
    // 65536 small buffers, for a hub that says one thing at a time.
    writeCache: false,
    timerVariant: 'native',
  };
}
