import { connect, type Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';
import { expect, onTestFinished, vi } from 'vitest';
import { Users } from './embedded-users.ts';

/** A client that says what it likes: bytes on a socket. */
export class RawClient {
  readonly packets: Packet[] = [];
  readonly socket: Socket;
  isClosed = false;
  error: string | null = null;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' });
    const reader = parser();
    reader.on('packet', (packet) => this.packets.push(packet));
    this.socket.on('data', (bytes) => void reader.parse(bytes));
    this.socket.on('error', (error) => {
      this.error = 'code' in error ? String(error.code) : error.message;
    });
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    onTestFinished(() => void this.socket.destroy());
  }

  /** Logged in; `more` goes into the CONNECT. */
  static async login(port: number, user: string, more: object = {}): Promise<RawClient> {
    const client = new RawClient(port);
    client.send(connectPacket(user, more));
    await client.got('connack');
    expect(client.packets[0]).toMatchObject({ returnCode: 0 });
    return client;
  }

  send(...packets: Packet[]): void {
    for (const packet of packets) this.socket.write(bytesOf(packet));
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  all(cmd: Packet['cmd']): Packet[] {
    return this.packets.filter((packet) => packet.cmd === cmd);
  }

  async got(cmd: Packet['cmd'], count = 1): Promise<void> {
    await vi.waitFor(() => expect(this.all(cmd).length).toBeGreaterThanOrEqual(count), {
      timeout: 10_000,
      interval: 5,
    });
  }

  /** It still answers. */
  async isAlive(): Promise<void> {
    const before = this.all('pingresp').length;
    this.send({ cmd: 'pingreq' });
    await this.got('pingresp', before + 1);
  }

  async closed(): Promise<void> {
    await vi.waitFor(() => expect(this.isClosed).toBe(true), { timeout: 10_000, interval: 5 });
  }
}

export function connectPacket(user: string, more: object = {}): Packet {
  const password = Buffer.from(Users.passwordOf(user));
  return { cmd: 'connect', clientId: `raw-${user}`, clean: true, keepalive: 60, username: user, password, ...more };
}

export function publishPacket(topic: string, payload: string | Buffer, qos: 0 | 1 | 2 = 0, messageId = 1): Packet {
  const fixed = { cmd: 'publish', topic, payload, qos, retain: false, dup: false } as const;
  return qos === 0 ? fixed : { ...fixed, messageId };
}

export function subscribePacket(filters: readonly string[], qos: 0 | 1 | 2 = 0, messageId = 7): Packet {
  return { cmd: 'subscribe', messageId, subscriptions: filters.map((topic) => ({ topic, qos })) };
}

/** mqtt-packet does not write an empty client id with clean=0: its flag is cleared afterwards. */
function bytesOf(packet: Packet): Buffer {
  if (packet.cmd !== 'connect' || packet.clientId !== '' || packet.clean === true) return generate(packet);
  const bytes = generate({ ...packet, clean: true });
  bytes.writeUInt8((bytes[9] ?? 0) & ~2, 9);
  return bytes;
}
