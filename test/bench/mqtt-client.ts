import { connect, type Socket } from 'node:net';
import process from 'node:process';
import mqttPacket, { type IConnectPacket, type Packet } from 'mqtt-packet';

export interface Login {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface Words {
  readonly topic: string;
  readonly payload: string;
  readonly qos?: 0 | 1;
  readonly isRetained?: boolean;
}

/** A clock that all processes of this machine share, in ms. */
export function sharedNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A client of MQTT 3.1.1 of as few parts as there can be: a thousand of them are to cost less than the broker. */
export class MqttLine {
  /** At QoS 1, and of these what was acknowledged. */
  published = 0;
  acknowledged = 0;
  onPublish: (topic: string, payload: Buffer) => void = () => undefined;
  readonly #socket: Socket;
  readonly #parser = mqttPacket.parser();
  readonly #name: string;
  /** Of those who wait for CONNACK or SUBACK. */
  #answered: (problem: Error | null) => void = () => undefined;
  #id = 0;
  #isClosing = false;
  #isCut = false;

  private constructor(socket: Socket, name: string) {
    this.#socket = socket;
    this.#name = name;
    this.#parser.on('packet', (packet) => this.#take(packet));
    socket.on('data', (bytes) => this.#hear(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  static async open({ port, user, password }: Login, will?: Words): Promise<MqttLine> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const line = new MqttLine(socket, user);
    const about = { clientId: user, username: user, password: Buffer.from(password), keepalive: 300 };
    const opening: IConnectPacket = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, ...about };
    if (will !== undefined)
      opening.will = { topic: will.topic, payload: Buffer.from(will.payload), qos: 0, retain: true };
    await line.#ask(opening);
    return line;
  }

  /** By the broker. The hub does so where it gave up a command, which must not arrive later (S11). */
  get isCut(): boolean {
    return this.#isCut;
  }

  subscribe(filters: readonly string[]): Promise<void> {
    const subscriptions = filters.map((topic) => ({ topic, qos: 1 }) as const);
    return this.#ask({ cmd: 'subscribe', messageId: this.#nextId(), subscriptions });
  }

  publish({ topic, payload, qos = 0, isRetained = false }: Words): void {
    if (this.#isCut) return;
    const numbered = qos === 0 ? {} : { messageId: this.#nextId() };
    this.published += qos;
    this.#send({ cmd: 'publish', topic, payload, qos, retain: isRetained, dup: false, ...numbered });
  }

  close(): void {
    this.#isClosing = true;
    this.#socket.destroy();
  }

  #hear(bytes: Buffer): void {
    // All acknowledgements of what came together leave together.
    this.#socket.cork();
    this.#parser.parse(bytes);
    this.#socket.uncork();
  }

  #take(packet: Packet): void {
    if (packet.cmd === 'publish')
      this.#heard(packet.topic, packet.payload, packet.qos > 0 ? packet.messageId : undefined);
    else if (packet.cmd === 'puback') this.acknowledged += 1;
    else if (packet.cmd === 'connack') this.#answer((packet.returnCode ?? 0) === 0);
    else if (packet.cmd === 'suback') this.#answer(packet.granted.every((one) => one !== 128));
  }

  #heard(topic: string, payload: string | Buffer, messageId: number | undefined): void {
    if (messageId !== undefined) this.#send({ cmd: 'puback', messageId });
    this.onPublish(topic, Buffer.from(payload as Buffer));
  }

  #answer(isFine: boolean): void {
    this.#answered(isFine ? null : new Error(`the broker refused ${this.#name}`));
  }

  #ask(packet: Packet): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answered = (problem) => (problem === null ? resolve() : reject(problem));
      this.#send(packet);
    });
  }

  #send(packet: Packet): void {
    this.#socket.write(mqttPacket.generate(packet));
  }

  #nextId(): number {
    this.#id = (this.#id % 65_535) + 1;
    return this.#id;
  }

  #closed(): void {
    this.#answered(new Error(`the broker closed the connection of ${this.#name}`));
    this.#isCut = !this.#isClosing;
    // What was under way was promised by nobody.
    this.published = this.acknowledged;
  }
}
