import { type Clock, pause } from '../clock.ts';
import type { Found } from '../line/exchange.ts';
import { lineTiming } from '../line/timing.ts';
import type { PortSettings } from '../transport/address.ts';
import type { BytePipe } from '../transport/pipe.ts';

/** What of an answer is kept: more than the longest frame with its echo. */
const MAX_BYTES = 1024;
/** Devices and adapters take their time on top of the characters. */
const DEVICE_ALLOWANCE_MS = 150;
const LONGEST_EXCHANGE_CHARS = 8 + 25;

/** One open port: questions and answers, and listening. Nothing is retried and nothing is kept between two questions. */
export class Talk {
  readonly format: PortSettings;
  readonly #pipe: BytePipe;
  readonly #clock: Clock;
  #hear: (bytes: Uint8Array) => void = () => undefined;
  /** Anything at all came on this port. */
  heardAnything = false;
  lostBecause: string | null = null;

  constructor(pipe: BytePipe, format: PortSettings, clock: Clock) {
    this.#pipe = pipe;
    this.format = format;
    this.#clock = clock;
    pipe.onData((bytes) => {
      this.heardAnything = true;
      this.#hear(bytes);
    });
    pipe.onClose((reason) => {
      this.lostBecause = reason;
    });
  }

  /** Null: no answer in time. An echo of the request ahead of the answer is passed over. */
  async ask<T>(request: Uint8Array, parse: (bytes: Uint8Array) => Found<T> | null): Promise<T | null> {
    const { promise, resolve } = Promise.withResolvers<T | null>();
    let bytes: Uint8Array = new Uint8Array(0);
    this.#hear = (chunk) => {
      bytes = joined(bytes, chunk);
      const found = parse(afterEcho(bytes, request));
      if (found !== null) resolve(found.reply);
    };
    const cancel = this.#clock.after(this.#timeoutMs(), () => resolve(null));
    try {
      await this.#pipe.write(request);
      return await promise;
    } catch {
      return null;
    } finally {
      cancel();
      this.#hear = () => undefined;
      await pause(this.#clock, lineTiming(this.format.baud, this.format.parity).silenceMs + 1);
    }
  }

  /** Everything that comes in the time of an answer, for families whose answers do not tell where they end. */
  async answerTo(request: Uint8Array): Promise<Uint8Array> {
    let all: Uint8Array = new Uint8Array(0);
    await this.ask(request, (bytes) => {
      all = bytes.slice();
      return null;
    });
    return all;
  }

  async rest(forMs: number): Promise<void> {
    await pause(this.#clock, forMs);
  }

  async say(bytes: Uint8Array): Promise<void> {
    await this.#pipe.write(bytes).catch(() => undefined);
  }

  /** Until `isEnough` or for so long. */
  async listen(forMs: number, isEnough: (bytes: Uint8Array) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#hear = (chunk) => {
      if (isEnough(chunk)) resolve();
    };
    const cancel = this.#clock.after(forMs, resolve);
    await promise;
    cancel();
    this.#hear = () => undefined;
  }

  close(): void {
    this.#pipe.close();
  }

  #timeoutMs(): number {
    return DEVICE_ALLOWANCE_MS + LONGEST_EXCHANGE_CHARS * lineTiming(this.format.baud, this.format.parity).charMs;
  }
}

function afterEcho(bytes: Uint8Array, request: Uint8Array): Uint8Array {
  const isEcho = bytes.length >= request.length && request.every((byte, at) => bytes[at] === byte);
  return isEcho ? bytes.subarray(request.length) : bytes;
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole.subarray(-MAX_BYTES);
}
