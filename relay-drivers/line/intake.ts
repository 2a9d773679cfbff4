import type { Echo, Found, Question } from './exchange.ts';

/** More than the longest frame (256) with its echo and a banner ahead of it. */
const MAX_BYTES = 1024;
/** What turning an RS485 line around may add ahead of a reply; longer, it may be a damaged echo. */
const TURNAROUND_NOISE_BYTES = 2;
/** A shorter request (LCUS asks with one byte) also stands in noise: nothing is learnt from what looks like its echo. */
const MIN_ECHO_BYTES = 3;

export interface Taken<T> {
  readonly reply: T;
  /** What this exchange taught about the adapter. */
  readonly echo: Echo;
}

/** What was received since one request left, and which of it may be believed to be the reply. */
export class Intake<T> {
  readonly #question: Question<T>;
  readonly #echo: Echo;
  /** FC05: the echo of such a request looks like its reply, so it teaches nothing and an unknown echo is assumed. */
  readonly #mayEqualRequest: boolean;
  #bytes: Uint8Array = new Uint8Array(0);
  #receivedCount = 0;

  constructor(question: Question<T>, echo: Echo, mayEqualRequest: boolean) {
    this.#question = question;
    this.#echo = echo;
    this.#mayEqualRequest = mayEqualRequest;
  }

  get isEmpty(): boolean {
    return this.#receivedCount === 0;
  }

  /** What came and was no reply: what a diagnosis looks at. */
  get heard(): Uint8Array {
    return this.#bytes;
  }

  /** The result of a question that nobody answers: it teaches nothing. */
  without(reply: T): Taken<T> {
    return { reply, echo: this.#echo };
  }

  push(chunk: Uint8Array): Taken<T> | null {
    this.#append(chunk);
    return this.#afterEcho() ?? this.#withoutEcho();
  }

  /** Our own bytes, then the reply: nothing ahead of the echo can belong to this request. */
  #afterEcho(): Taken<T> | null {
    const { request, parse } = this.#question;
    const echoAt = indexOf(this.#bytes, request);
    if (echoAt < 0) return null;
    const found = parse(this.#bytes.subarray(echoAt + request.length));
    const isTelling = !this.#mayEqualRequest && request.length >= MIN_ECHO_BYTES;
    return found && { reply: found.reply, echo: isTelling ? 'on' : this.#echo };
  }

  #withoutEcho(): Taken<T> | null {
    if (this.#echo === 'on' || (this.#mayEqualRequest && this.#echo === 'unknown')) return null;
    const found = this.#question.parse(this.#bytes);
    return found && { reply: found.reply, echo: this.#isFirst(found) ? 'off' : this.#echo };
  }

  /** Nothing came ahead of the reply that could have been an echo. */
  #isFirst(found: Found<T>): boolean {
    return this.#receivedCount - this.#bytes.length + found.start <= TURNAROUND_NOISE_BYTES;
  }

  #append(chunk: Uint8Array): void {
    const whole = new Uint8Array(this.#bytes.length + chunk.length);
    whole.set(this.#bytes);
    whole.set(chunk, this.#bytes.length);
    this.#bytes = whole.subarray(-MAX_BYTES);
    this.#receivedCount += chunk.length;
  }
}

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = 0; at + part.length <= bytes.length; at += 1) {
    if (part.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
