import type { Clock } from '../clock.ts';
import type { BytePipe, OpenPipe } from '../transport/pipe.ts';

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** When nobody says otherwise. */
export const BACKOFF: Backoff = { firstMs: 500, maxMs: 5000 };
export const OPEN_TIMEOUT_MS = 10_000;

export interface PortDeps {
  readonly open: OpenPipe;
  readonly clock: Clock;
  readonly backoff: Backoff;
  readonly openTimeoutMs: number;
  readonly onUp: () => void;
  readonly onDown: (reason: string) => void;
  readonly onData: (bytes: Uint8Array) => void;
}

/** Keeps a pipe open: a fresh one after every loss, with growing pauses. */
export class Port {
  readonly #deps: PortDeps;
  #pipe: BytePipe | null = null;
  #delayMs: number;
  #openedAtMs = 0;
  /** Counts attempts, so that an opening that was given up is known when it succeeds after all. */
  #attempt = 0;
  #isClosed = false;
  #cancelTimer: () => void = () => {};

  constructor(deps: PortDeps) {
    this.#deps = deps;
    this.#delayMs = deps.backoff.firstMs;
  }

  get pipe(): BytePipe | null {
    return this.#pipe;
  }

  start(): void {
    if (this.#isClosed || this.#attempt > 0) return;
    this.#tryToOpen();
  }

  /** For good. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#attempt += 1;
    this.#cancelTimer();
    this.#drop(reason);
  }

  /** Gives the pipe up and opens a fresh one. */
  renew(reason: string): void {
    if (this.#pipe) this.#lost(this.#pipe, reason);
  }

  #tryToOpen(): void {
    this.#attempt += 1;
    const attempt = this.#attempt;
    const { clock, openTimeoutMs } = this.#deps;
    this.#cancelTimer = clock.after(openTimeoutMs, () =>
      this.#failed(attempt, `it did not open within ${openTimeoutMs} ms`),
    );
    this.#openOnce().then(
      (pipe) => this.#opened(attempt, pipe),
      (failure: unknown) => this.#failed(attempt, failure instanceof Error ? failure.message : String(failure)),
    );
  }

  /** Async, so that an opener that throws is one that rejects. */
  async #openOnce(): Promise<BytePipe> {
    return await this.#deps.open();
  }

  #opened(attempt: number, pipe: BytePipe): void {
    if (attempt !== this.#attempt) return pipe.close();
    this.#cancelTimer();
    this.#pipe = pipe;
    this.#openedAtMs = this.#deps.clock.nowMs();
    pipe.onData((bytes) => {
      if (this.#pipe === pipe) this.#deps.onData(bytes);
    });
    pipe.onClose((reason) => this.#lost(pipe, reason));
    // It may have been closed already when we came to listen.
    if (this.#pipe === pipe) this.#deps.onUp();
  }

  #failed(attempt: number, reason: string): void {
    if (attempt !== this.#attempt) return;
    this.#attempt += 1;
    this.#cancelTimer();
    this.#retryLater();
    this.#deps.onDown(reason);
  }

  #lost(pipe: BytePipe, reason: string): void {
    if (this.#pipe !== pipe) return;
    const { clock, backoff } = this.#deps;
    // A port that comes and goes quickly keeps its longer pauses.
    if (clock.nowMs() - this.#openedAtMs >= backoff.maxMs) this.#delayMs = backoff.firstMs;
    this.#retryLater();
    this.#drop(reason);
  }

  #drop(reason: string): void {
    const pipe = this.#pipe;
    this.#pipe = null;
    pipe?.close();
    this.#deps.onDown(reason);
  }

  #retryLater(): void {
    this.#cancelTimer = this.#deps.clock.after(this.#delayMs, () => this.#tryToOpen());
    this.#delayMs = Math.min(this.#delayMs * 2, this.#deps.backoff.maxMs);
  }
}
