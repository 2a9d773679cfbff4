import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { BROKER_LIMITS } from '../limits.ts';
import type { Flushing } from './flushing.ts';

/** The bytes of one connection, with or without TLS. */
export interface Line {
  readonly address: string;
  /** Bytes that have not left this process. */
  readonly backlogBytes: number;
  /** Bytes that have. */
  readonly sentBytes: number;
  /** Goes out at once, with all else that is written in this turn, or with what is written next, or `flushSoon`. */
  write(bytes: Uint8Array, when: 'now' | 'soon' | 'later'): void;
  flushSoon(): void;
  /** What was written goes out now. */
  flush(): void;
  /** A last word, then the end. */
  end(bytes: Uint8Array): void;
  /** At once; what is under way, also in the kernel, must not arrive any more (S11). */
  reset(): void;
  pause(): void;
  resume(): void;
}

export interface LineEvents {
  onData(chunk: Buffer): void;
  /** The other side has said all that it will say. */
  onEnd(): void;
  onDrain(): void;
  /** Called once. */
  onClose(): void;
}

/** Far below what a slow reader may leave here: who reads well is not cut for what one turn wrote. */
export const TOGETHER_BYTES = 16 * 1024;

/** `raw` must be half-open (doors.ts), or Node shuts it down by itself when the other side has ended. */
export function openLine(raw: Socket, secure: SecureContext | null, flushing: Flushing, events: LineEvents): Line {
  raw.setNoDelay(true);
  raw.setKeepAlive(true, BROKER_LIMITS.tcpProbeMs);
  const socket = secure === null ? raw : wrap(raw, secure);
  // An error is always followed by `close`, which says all that matters.
  raw.on('error', ignore);
  socket.on('error', () => raw.destroy());
  socket.on('data', events.onData);
  socket.on('end', events.onEnd);
  socket.on('drain', events.onDrain);
  raw.once('close', () => {
    socket.destroy();
    events.onClose();
  });
  return new SocketLine(raw, socket, flushing);
}

/** A class, and not closures: there are a thousand of them. */
class SocketLine implements Line {
  readonly address: string;
  readonly #raw: Socket;
  readonly #socket: Socket;
  readonly #flushing: Flushing;
  readonly #flush = () => {
    this.#isDue = false;
    this.flush();
  };
  #isCorked = false;
  #isDue = false;
  #isEnding = false;

  constructor(raw: Socket, socket: Socket, flushing: Flushing) {
    this.address = raw.remoteAddress ?? 'unknown';
    this.#raw = raw;
    this.#socket = socket;
    this.#flushing = flushing;
  }

  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  get sentBytes(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  write(bytes: Uint8Array, when: 'now' | 'soon' | 'later'): void {
    if (!this.#socket.writable) return;
    if (!this.#isCorked) this.#socket.cork();
    this.#isCorked = true;
    this.#socket.write(bytes);
    if (when === 'now' || this.backlogBytes > TOGETHER_BYTES) this.flush();
    else if (when === 'soon') this.flushSoon();
  }

  flushSoon(): void {
    if (!this.#isCorked || this.#isDue) return;
    this.#isDue = true;
    this.#flushing.soon(this.#flush);
  }

  flush(): void {
    // TLS would encrypt for a line that was reset.
    if (this.#isCorked && !this.#raw.destroyed) this.#socket.uncork();
    this.#isCorked = false;
  }

  end(bytes: Uint8Array): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#socket.end(bytes, () => this.#raw.destroySoon());
  }

  reset(): void {
    // A socket that is shutting down cannot be reset: Node 24 then reports EINVAL, and never closes its handle.
    if (this.#isEnding) this.#raw.destroy();
    else this.#raw.resetAndDestroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}

/** The raw socket stays at hand: TLS sockets cannot be reset. */
function wrap(raw: Socket, secureContext: SecureContext): TLSSocket {
  const socket = new TLSSocket(raw, { isServer: true, secureContext });
  // Costs the hub much and the client little, and nothing here needs it.
  socket.disableRenegotiation();
  return socket;
}

function ignore(): void {}
