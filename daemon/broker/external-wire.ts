import { connect, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { EXTERNAL_LIMITS } from './external-limits.ts';
import { PacketSieve } from './external-sieve.ts';

export interface WireTarget {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** PEM; absent: the authorities that Node knows. */
  readonly ca?: string;
}

/**
 * The bytes to a broker and back, over TCP or TLS. Given up, it is reset: a plain close would go on retransmitting what was
 * not acknowledged, and a command would arrive late (S11).
 */
export class Wire extends Duplex {
  readonly #tcp: Socket;
  /** What carries MQTT: `tcp`, or TLS upon it. */
  readonly #way: Socket;
  readonly #sieve: PacketSieve;
  #isReached = false;

  constructor(target: WireTarget, onDropped: (bytes: number) => void) {
    super();
    this.#sieve = new PacketSieve(EXTERNAL_LIMITS.packetBytes, onDropped);
    this.#tcp = connect({ host: target.host, port: target.port, noDelay: true });
    this.#way = target.isTls ? secured(this.#tcp, target) : this.#tcp;
    this.#way.once(target.isTls ? 'secureConnect' : 'connect', () => {
      this.#isReached = true;
    });
    this.#way.on('data', (chunk: Buffer) => this.#take(chunk));
    for (const socket of new Set([this.#tcp, this.#way])) {
      socket.on('error', (failure) => this.destroy(failure));
      socket.on('close', () => this.destroy());
    }
  }

  /** Somebody was there; whether a broker is another matter. */
  get isReached(): boolean {
    return this.#isReached;
  }

  override _read(): void {
    this.#way.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (failure?: Error | null) => void): void {
    this.#way.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#way.end(done);
  }

  override _destroy(failure: Error | null, done: (failure: Error | null) => void): void {
    // One that is still being reached would only be reset once it is reached.
    if (this.#tcp.connecting) this.#tcp.destroy();
    else this.#tcp.resetAndDestroy();
    this.#way.destroy();
    done(failure);
  }

  #take(chunk: Buffer): void {
    const kept = this.#sieve.pass(chunk);
    if (kept.length > 0 && !this.push(kept)) this.#way.pause();
  }
}

/** SNI takes names only (RFC 6066, 3); the certificate is held against name or address all the same. */
function secured(socket: Socket, { host, ca }: WireTarget): Socket {
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ socket, host, ...name, ...(ca === undefined ? {} : { ca }) });
}
