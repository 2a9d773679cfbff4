import { SerialPort } from 'serialport';
import type { Clock } from '../clock.ts';
import type { PortSettings } from './address.ts';
import { Closing } from './closing.ts';
import type { BytePipe } from './pipe.ts';

/** The longest frame takes 1.1 s at 2400 baud; a port that has not sent it by then is stuck. */
const DRAIN_TIMEOUT_MS = 2000;

/**
 * How often the port is asked whether it is still there. A hang-up that comes while a read is under way is read as no
 * bytes, and serialport reads again, for ever and as fast as it can (bindings-cpp 13, unix-read): no `close` comes.
 */
const LOOK_EVERY_MS = 1000;
/** A pseudo terminal has no modem lines to tell of, and says so; these are said by what is gone. */
const GONE = /Input\/output error|No such device|Bad file descriptor/;

/**
 * A serial port, opened fresh: serialport queues what is written to a closed instance and sends it after the next
 * open, so an instance lives for one opening only (durability.md, S11).
 */
export function openSerial(settings: PortSettings, clock: Clock, drainTimeoutMs = DRAIN_TIMEOUT_MS): Promise<BytePipe> {
  return new Promise((resolve, reject) => {
    const port = new SerialPort({
      path: settings.path,
      baudRate: settings.baud,
      parity: settings.parity,
      dataBits: settings.dataBits ?? 8,
      autoOpen: false,
    });
    // One stop bit is serialport's default.
    port.open((failure) => {
      if (failure) reject(new Error(`cannot open ${settings.path}: ${failure.message}`));
      else resolve(new SerialPipe(port, clock, drainTimeoutMs));
    });
  });
}

class SerialPipe implements BytePipe {
  readonly #port: SerialPort;
  readonly #clock: Clock;
  readonly #drainTimeoutMs: number;
  readonly #closing = new Closing();
  #failSending: ((failure: Error) => void) | null = null;
  #cancelLook: () => void = () => {};

  constructor(port: SerialPort, clock: Clock, drainTimeoutMs: number) {
    this.#port = port;
    this.#clock = clock;
    this.#drainTimeoutMs = drainTimeoutMs;
    // An unplug comes as `close` with `disconnected`; a pseudo terminal may say `end` instead.
    port.on('close', (failure: Error | null) => this.#giveUp(failure ? `disconnected: ${failure.message}` : 'closed'));
    port.on('end', () => this.#giveUp('the device ended the stream'));
    port.on('error', (failure: Error) => this.#giveUp(failure.message));
    this.#lookLater();
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closing.isClosed || !this.#port.isOpen)
      return Promise.reject(new Error(`the port is ${this.#closing.reason}`));
    if (this.#failSending) return Promise.reject(new Error('the write before has not left yet'));
    return this.#send(bytes);
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#port.on('data', (bytes: Buffer) => {
      if (!this.#closing.isClosed) listener(bytes);
    });
  }

  onClose(listener: (reason: string) => void): void {
    this.#closing.onClose(listener);
  }

  close(): void {
    this.#giveUp('closed');
  }

  #send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.after(this.#drainTimeoutMs, () =>
        this.#giveUp('the port is stuck: bytes do not leave it'),
      );
      const finish = (failure?: Error | null): void => {
        if (this.#failSending !== finish) return;
        this.#failSending = null;
        cancelTimer();
        if (failure) reject(failure);
        else resolve();
      };
      this.#failSending = finish;
      this.#port.write(Buffer.from(bytes), (failure) => {
        if (failure || !this.#port.isOpen) finish(failure ?? new Error('the port closed'));
        // The write's callback means "handed to the kernel"; drain means "on the wire".
        else this.#port.drain(finish);
      });
    });
  }

  #lookLater(): void {
    this.#cancelLook = this.#clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  #look(): void {
    if (!this.#port.isOpen) return this.#giveUp('closed');
    this.#port.get((failure) => {
      if (this.#closing.isClosed) return;
      if (failure && GONE.test(failure.message)) this.#giveUp(`disconnected: ${failure.message}`);
      else this.#lookLater();
    });
  }

  #giveUp(reason: string): void {
    if (this.#closing.isClosed) return;
    this.#cancelLook();
    this.#closing.close(reason);
    this.#failSending?.(new Error(reason));
    if (!this.#port.isOpen) return;
    // Linux sends what is left in the buffer while it closes a terminal: drop it first, or a relay switches late (S11).
    this.#port.flush(() => {
      if (this.#port.isOpen) this.#port.close(() => {});
    });
  }
}
