import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { BROKER_LIMITS } from '../limits.ts';

/** The bytes of one connection, with or without TLS. */
export interface Line {
  readonly address: string;
  /** Bytes that have not left this process. */
  readonly backlogBytes: number;
  /** Bytes that have. */
  readonly sentBytes: number;
  write(bytes: Uint8Array): void;
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

/** `raw` must be half-open (doors.ts), or Node shuts it down by itself when the other side has ended. */
export function openLine(raw: Socket, secure: SecureContext | null, events: LineEvents): Line {
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
  return lineOf(raw, socket);
}

function lineOf(raw: Socket, socket: Socket): Line {
  let isEnding = false;
  return {
    address: raw.remoteAddress ?? 'unknown',
    get backlogBytes() {
      return socket.writableLength;
    },
    get sentBytes() {
      return socket.bytesWritten - socket.writableLength;
    },
    write: (bytes) => void (socket.writable && socket.write(bytes)),
    end: (bytes) => {
      if (isEnding) return;
      isEnding = true;
      socket.end(bytes, () => raw.destroySoon());
    },
    // A socket that is shutting down cannot be reset: Node 24 then reports EINVAL, and never closes its handle.
    reset: () => void (isEnding ? raw.destroy() : raw.resetAndDestroy()),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  };
}

/** The raw socket stays at hand: TLS sockets cannot be reset. */
function wrap(raw: Socket, secureContext: SecureContext): TLSSocket {
  const socket = new TLSSocket(raw, { isServer: true, secureContext });
  // Costs the hub much and the client little, and nothing here needs it.
  socket.disableRenegotiation();
  return socket;
}

function ignore(): void {}
