import { connect, type Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { TcpAddress } from './address.ts';
import { Closing } from './closing.ts';
import type { BytePipe } from './pipe.ts';

const CONNECT_TIMEOUT_MS = 3000;
const KEEP_ALIVE_MS = 10_000;

/** A serial line behind a network adapter that passes bytes through ("transparent" mode, not Modbus TCP). */
export function openTcp(address: TcpAddress, clock: Clock, connectTimeoutMs = CONNECT_TIMEOUT_MS): Promise<BytePipe> {
  const where = `tcp://${address.host}:${address.port}`;
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    const fail = (why: string): void => {
      cancelTimer();
      socket.destroy();
      reject(new Error(`cannot connect to ${where}: ${why}`));
    };
    const cancelTimer = clock.after(connectTimeoutMs, () => fail(`no answer within ${connectTimeoutMs} ms`));
    socket.on('error', (failure) => fail(failure.message));
    socket.once('connect', () => {
      cancelTimer();
      socket.removeAllListeners('error');
      resolve(new TcpPipe(socket));
    });
  });
}

class TcpPipe implements BytePipe {
  readonly #socket: Socket;
  readonly #closing = new Closing();
  #failSending: ((failure: Error) => void) | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (failure) => this.#giveUp(failure.message));
    socket.on('end', () => this.#giveUp('the adapter closed the connection'));
    socket.on('close', () => this.#giveUp('the connection is gone'));
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closing.isClosed) return Promise.reject(new Error(`not connected: ${this.#closing.reason}`));
    if (this.#failSending) return Promise.reject(new Error('the write before has not left yet'));
    return new Promise((resolve, reject) => {
      const finish = (failure?: Error | null): void => {
        if (this.#failSending !== finish) return;
        this.#failSending = null;
        if (failure) reject(failure);
        else resolve();
      };
      this.#failSending = finish;
      this.#socket.write(bytes, finish);
    });
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#socket.on('data', (bytes: Buffer) => {
      if (!this.#closing.isClosed) listener(bytes);
    });
  }

  onClose(listener: (reason: string) => void): void {
    this.#closing.onClose(listener);
  }

  close(): void {
    this.#giveUp('closed');
  }

  #giveUp(reason: string): void {
    if (!this.#closing.close(reason)) return;
    this.#failSending?.(new Error(reason));
    // A plain close would go on retransmitting what was not acknowledged: a command would arrive late (S11).
    this.#socket.resetAndDestroy();
  }
}
