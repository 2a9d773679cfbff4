import type { Clock } from '../clock.ts';
import { DriverError } from '../driver.ts';
import type { Parity } from '../transport/address.ts';
import type { OpenPipe } from '../transport/pipe.ts';
import { Conversation } from './conversation.ts';
import type { Echo, Exchange, LineState } from './exchange.ts';
import { type Job, Jobs } from './jobs.ts';
import { BACKOFF, type Backoff, OPEN_TIMEOUT_MS, Port } from './port.ts';
import { lineTiming } from './timing.ts';

export interface LineOptions {
  readonly open: OpenPipe;
  readonly clock: Clock;
  readonly baud: number;
  readonly parity?: Parity;
  /** Default: 300 ms at 9600 baud, by baud rate. */
  readonly timeoutMs?: number;
  /** How long a reply may come after it was given up. Default: the timeout of its exchange. */
  readonly lateReplyMs?: number;
  readonly backoff?: Backoff;
  readonly openTimeoutMs?: number;
  /** So many exchanges in a row without one byte: the port is given up and opened afresh. */
  readonly maxSilent?: number;
}

/** A board without power is silent too, so a port is not given up lightly. */
const MAX_SILENT = 20;
/** Of one priority. OFF has no limit: it is never refused (S7), and boards have few channels. */
const MAX_WAITING = 256;

/** What a caller handed in, with where its answer goes. */
interface Asked<T> {
  readonly exchange: Exchange<T>;
  readonly resolve: (reply: T) => void;
  readonly reject: (failure: unknown) => void;
}

/**
 * Owns one port and runs one exchange at a time on it. Nothing is ever kept for a port that is closed (S11). The
 * README says what it defends against, and what it cannot tell.
 */
export class Line {
  readonly #port: Port;
  readonly #conversation: Conversation;
  readonly #jobs = new Jobs();
  readonly #listeners = new Set<(state: LineState) => void>();
  #state: LineState = { isOpen: false, reason: 'not started' };
  #isPumping = false;

  constructor(options: LineOptions) {
    const { clock, lateReplyMs } = options;
    const timing = lineTiming(options.baud, options.parity ?? 'none');
    this.#port = new Port({
      open: options.open,
      clock,
      backoff: options.backoff ?? BACKOFF,
      openTimeoutMs: options.openTimeoutMs ?? OPEN_TIMEOUT_MS,
      onUp: () => this.#portUp(),
      onDown: (reason) => this.#portDown(reason),
      onData: (bytes) => this.#conversation.heard(bytes),
    });
    this.#conversation = new Conversation({
      clock,
      port: this.#port,
      timing,
      timeoutMs: options.timeoutMs ?? timing.replyTimeoutMs,
      ...(lateReplyMs === undefined ? {} : { lateReplyMs }),
      maxSilent: options.maxSilent ?? MAX_SILENT,
    });
  }

  get isOpen(): boolean {
    return this.#port.pipe !== null;
  }

  get state(): LineState {
    return this.#state;
  }

  /** What is known of the adapter's echo, for diagnosis. */
  get echo(): Echo {
    return this.#conversation.echo;
  }

  start(): void {
    this.#port.start();
  }

  /** For good; what waits is rejected. */
  close(): void {
    this.#port.close('closed');
  }

  /** Told of every change, also of each new reason why it does not open. Returns what ends it. */
  onStateChange(listener: (state: LineState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  exchange<T>(exchange: Exchange<T>): Promise<T> {
    const { priority } = exchange.terms;
    if (!this.isOpen) return Promise.reject(this.#closed(exchange.label));
    if (priority !== 'off' && this.#jobs.waiting(priority) >= MAX_WAITING) return Promise.reject(full(exchange.label));
    return new Promise((resolve, reject) => {
      const asked = { exchange, resolve, reject };
      this.#jobs.add(
        this.#job(asked, () => (this.#needsProbe(exchange) ? this.#probeFirst(asked) : this.#carry(asked))),
      );
      // An OFF does not sit out the silence that a meter needs.
      this.#conversation.reconsider();
      void this.#pump();
    });
  }

  #job<T>({ exchange, reject }: Asked<T>, run: () => Promise<void>): Job {
    const rejectClosed = (): void => reject(this.#closed(exchange.label));
    return { priority: exchange.terms.priority, question: exchange, run: () => run().catch(reject), rejectClosed };
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (!this.#jobs.isEmpty) {
      await this.#conversation.untilQuiet(() => this.#jobs.next?.question ?? null);
      // Taken only now: an OFF that came during the silence overtakes what waited before it.
      await this.#jobs.take()?.run();
    }
    this.#isPumping = false;
  }

  /** From `stillValid()` to the first byte nothing may yield: an order can be superseded in any gap. */
  async #carry<T>({ exchange, resolve, reject }: Asked<T>): Promise<void> {
    const pipe = this.#port.pipe;
    if (!pipe) throw this.#closed(exchange.label);
    if (!exchange.terms.stillValid()) throw notValid(exchange.label);
    exchange.terms.started?.();
    await this.#conversation.ask(pipe, exchange, {
      mayEqualRequest: exchange.probe !== undefined,
      onResult: (result) => (result.isAnswered ? resolve(result.taken.reply) : reject(result.failure)),
    });
  }

  #needsProbe<T>(exchange: Exchange<T>): boolean {
    return exchange.probe !== undefined && this.#conversation.echo === 'unknown';
  }

  /** Learns the adapter's echo, then goes back to the head of its lane: an OFF that came meanwhile is first. */
  async #probeFirst<T>(asked: Asked<T>): Promise<void> {
    const { label, terms, probe } = asked.exchange;
    const pipe = this.#port.pipe;
    if (!pipe || !probe) throw this.#closed(label);
    if (!terms.stillValid()) throw notValid(label);
    const result = await this.#conversation.ask(pipe, probe, { mayEqualRequest: false, onResult: () => {} });
    if (this.#port.pipe !== pipe) throw this.#closed(label);
    // An OFF leaves even so: the board may hear us though we do not hear it. It is not believed without a reply.
    if (!result.isAnswered && terms.priority !== 'off') throw result.failure;
    this.#jobs.putBack(this.#job(asked, () => this.#carry(asked)));
  }

  #portUp(): void {
    this.#conversation.portUp();
    this.#state = { isOpen: true };
    this.#tell();
  }

  #portDown(reason: string): void {
    const isNews = this.#state.isOpen || this.#state.reason !== reason;
    this.#state = { isOpen: false, reason };
    this.#conversation.portDown(reason);
    for (const job of this.#jobs.takeAll()) job.rejectClosed();
    if (isNews) this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.#state);
  }

  #closed(label: string): DriverError {
    const reason = this.#state.isOpen ? 'it was opened afresh' : this.#state.reason;
    return new DriverError('port_closed', `${label}: the port is not open (${reason}); nothing was sent`);
  }
}

function notValid(label: string): DriverError {
  return new DriverError('not_valid', `${label}: no longer wanted when its turn came; nothing was sent`);
}

function full(label: string): DriverError {
  return new DriverError('not_valid', `${label}: ${MAX_WAITING} exchanges wait already; nothing was sent`);
}
