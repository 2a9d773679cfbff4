import type { Clock } from '../clock.ts';
import { DriverError } from '../driver.ts';
import type { BytePipe } from '../transport/pipe.ts';
import type { Question } from './exchange.ts';
import type { Intake, Taken } from './intake.ts';

export type Result<T> =
  | { readonly isAnswered: true; readonly taken: Taken<T> }
  | { readonly isAnswered: false; readonly failure: DriverError };

/** What a flight needs besides its question. */
export interface FlightDeps<T> {
  readonly clock: Clock;
  readonly pipe: BytePipe;
  readonly intake: Intake<T>;
  readonly timeoutMs: number;
  /** Called once, as soon as the result is known. */
  readonly onResult: (result: Result<T>) => void;
  /** The port did not take the bytes; what it still holds must not leave later (S11). */
  readonly onBrokenPort: (reason: string) => void;
}

/** One question on its way: from its first byte until it is answered or given up, and the write behind it is over. */
export class Flight<T> {
  readonly #question: Question<T>;
  readonly #deps: FlightDeps<T>;
  readonly #over = Promise.withResolvers<Result<T>>();
  #result: Result<T> | null = null;
  #isWriting = true;
  #cancelTimer: () => void = () => {};

  constructor(question: Question<T>, deps: FlightDeps<T>) {
    this.#question = question;
    this.#deps = deps;
  }

  /** Resolves when the line is free again, never rejects. */
  get over(): Promise<Result<T>> {
    return this.#over.promise;
  }

  /** The first byte leaves before this returns. */
  send(): void {
    this.#cancelTimer = this.#deps.clock.after(this.#deps.timeoutMs, () => this.#timeOut());
    this.#write().then(
      () => this.#written(),
      (failure: unknown) => this.#broken(failure instanceof Error ? failure.message : String(failure)),
    );
  }

  receive(bytes: Uint8Array): void {
    if (this.#result) return;
    const taken = this.#deps.intake.push(bytes);
    if (taken && !this.#question.unanswered) this.#decide({ isAnswered: true, taken });
  }

  portClosed(reason: string): void {
    this.#fail('write_failed', `the port closed before a reply came: ${reason}`);
    this.#written();
  }

  /** Async, so that a pipe that throws is one that rejects; it is called at once all the same. */
  async #write(): Promise<void> {
    await this.#deps.pipe.write(this.#question.request);
  }

  #timeOut(): void {
    if (this.#isWriting) return this.#broken('the port did not take the bytes in time');
    this.#fail('timeout', `no valid reply within ${Math.round(this.#deps.timeoutMs)} ms`);
  }

  #broken(reason: string): void {
    this.#fail('write_failed', reason);
    this.#written();
    this.#deps.onBrokenPort(reason);
  }

  #written(): void {
    this.#isWriting = false;
    const { unanswered } = this.#question;
    if (unanswered) this.#decide({ isAnswered: true, taken: this.#deps.intake.without(unanswered.reply) });
    this.#landIfDone();
  }

  #fail(code: 'timeout' | 'write_failed', what: string): void {
    const { label, request } = this.#question;
    const failure = new DriverError(code, `${label}: ${what}`, this.#deps.intake.heard, request);
    this.#decide({ isAnswered: false, failure });
  }

  #decide(result: Result<T>): void {
    if (this.#result) return;
    this.#result = result;
    this.#deps.onResult(result);
    this.#landIfDone();
  }

  /** A reply may arrive before a slow drain returns; the next exchange waits for both. */
  #landIfDone(): void {
    if (!this.#result || this.#isWriting) return;
    this.#cancelTimer();
    this.#over.resolve(this.#result);
  }
}
