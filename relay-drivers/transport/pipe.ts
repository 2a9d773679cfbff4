/** A byte pipe: serial port, TCP socket and the fakes of the tests have this one shape. */
export interface BytePipe {
  /** Resolves when the bytes were handed to the wire (drained); rejects when the pipe is closed or stuck. Never queues. */
  write(bytes: Uint8Array): Promise<void>;
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Called once, with what happened; also after `close()`. */
  onClose(listener: (reason: string) => void): void;
  /** Gives the pipe up at once: what was not sent is dropped (S11). */
  close(): void;
}

/** Opens a fresh pipe each time it is called: reconnecting is calling it again. Rejects with a clear reason. */
export type OpenPipe = () => Promise<BytePipe>;
