import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Clock } from '../../../relay-drivers/clock.ts';
import { BROKER_LIMITS } from '../limits.ts';
import { Budget } from './budget.ts';
import { Connection } from './connection.ts';
import type { FailedLogins } from './failed-logins.ts';
import { Flushing } from './flushing.ts';
import type { Refusals } from './refusals.ts';

export interface TlsParts {
  /** PEM text. */
  readonly cert: string;
  readonly key: string;
  readonly port: number;
}

export interface DoorsParts {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsParts;
  readonly clock: Clock;
  readonly failedLogins: FailedLogins;
  readonly refusals: Refusals;
  onConnect(connection: Connection, packet: Buffer): void;
  onTrouble(what: string, error: unknown): void;
}

/** The sockets: who comes in, how many, and for how long without a word. */
export class Doors {
  readonly #parts: DoorsParts;
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Connection>();
  readonly #strangersBytes = new Budget(BROKER_LIMITS.bytesBeforeLoginInAll);
  readonly #clientsBytes = new Budget(BROKER_LIMITS.unfinishedBytesInAll);
  readonly #flushing = new Flushing();
  #cancelSweep: (() => void) | null = null;
  #isClosed = false;

  constructor(parts: DoorsParts) {
    this.#parts = parts;
  }

  get connections(): Iterable<Connection> {
    return this.#connections;
  }

  get counts() {
    const strangers = [...this.#connections].filter(({ login }) => login === null).length;
    const heldBytes = this.#strangersBytes.usedBytes + this.#clientsBytes.usedBytes;
    return { connections: this.#connections.size, strangers, heldBytes };
  }

  /** Rejects with the system's code (EADDRINUSE) where a port cannot be had. Returns the ports that it got. */
  async open(): Promise<{ port: number; tlsPort: number | null }> {
    const { port, tls } = this.#parts;
    try {
      const plainPort = await this.#listen(port, null);
      if (tls === undefined) return { port: plainPort, tlsPort: null };
      const secure = createSecureContext({ cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' });
      return { port: plainPort, tlsPort: await this.#listen(tls.port, secure) };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Nobody comes in any more. */
  shut(): void {
    this.#isClosed = true;
    for (const server of this.#servers) server.close();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelSweep?.();
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const connection of [...this.#connections]) connection.drop();
    await Promise.all(closed);
  }

  async #listen(port: number, secure: SecureContext | null): Promise<number> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#enter(socket, secure));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(explained(error, this.#parts.host, port)));
      server.listen(port, this.#parts.host, resolve);
    });
    server.removeAllListeners('error');
    server.on('error', (error) => this.#parts.onTrouble('the MQTT port failed', error));
    this.#servers.push(server);
    return portOf(server);
  }

  #enter(socket: Socket, secure: SecureContext | null): void {
    const address = socket.remoteAddress ?? 'unknown';
    const { failedLogins, refusals } = this.#parts;
    const isBlocked = failedLogins.isBlocked(address);
    if (isBlocked || this.#isClosed || this.#connections.size >= BROKER_LIMITS.connections) {
      const kind = isBlocked ? 'login' : 'limit';
      const reason = isBlocked ? 'too many failed logins from this address' : 'too many connections';
      if (!this.#isClosed) refusals.note({ kind, reason, user: null, address });
      socket.on('error', () => {});
      socket.resetAndDestroy();
      return;
    }
    this.#makeRoom();
    this.#connections.add(this.#connectionOf(socket, secure));
    this.#cancelSweep ??= this.#parts.clock.after(BROKER_LIMITS.sweepMs, () => this.#sweep());
  }

  #connectionOf(socket: Socket, secure: SecureContext | null): Connection {
    return new Connection(socket, secure, {
      clock: this.#parts.clock,
      refusals: this.#parts.refusals,
      flushing: this.#flushing,
      strangersBytes: this.#strangersBytes,
      clientsBytes: this.#clientsBytes,
      onConnect: this.#parts.onConnect,
      onGone: (connection) => void this.#connections.delete(connection),
    });
  }

  /** Who has said nothing for longest goes: a client that means it has sent its CONNECT by then. */
  #makeRoom(): void {
    const strangers = [...this.#connections].filter(({ login }) => login === null);
    if (strangers.length >= BROKER_LIMITS.strangers) strangers[0]?.cut('limit', 'too many without a login');
  }

  #sweep(): void {
    const nowMs = this.#parts.clock.nowMs();
    for (const connection of [...this.#connections]) connection.sweep(nowMs);
    const isEmpty = this.#connections.size === 0;
    this.#cancelSweep = isEmpty ? null : this.#parts.clock.after(BROKER_LIMITS.sweepMs, () => this.#sweep());
  }
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there (mosquitto?): stop it, or set another mqtt.port',
  EACCES: 'this user may not listen there: take a port above 1023',
  EADDRNOTAVAIL: 'this machine has no such address: set another mqtt.host',
};

function explained(error: Error, host: string, port: number): Error {
  const code = 'code' in error ? String(error.code) : 'unknown';
  const message = `MQTT cannot listen on ${host}:${port} (${code}): ${ADVICE[code] ?? error.message}`;
  return Object.assign(new Error(message, { cause: error }), { code });
}
