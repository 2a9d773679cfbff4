import type { Clock } from '../clock.ts';
import type { BytePipe } from '../transport/pipe.ts';
import type { Echo, Question } from './exchange.ts';
import { Flight, type Result } from './flight.ts';
import { Intake } from './intake.ts';
import type { Port } from './port.ts';
import type { LineTiming } from './timing.ts';

export interface ConversationOptions {
  readonly clock: Clock;
  readonly port: Port;
  readonly timing: LineTiming;
  readonly timeoutMs: number;
  readonly lateReplyMs?: number;
  readonly maxSilent: number;
}

export interface Asking<T> {
  /** FC05: see `Exchange.probe`. */
  readonly mayEqualRequest: boolean;
  readonly onResult: (result: Result<T>) => void;
}

/** Asks one question after the other on the open port, and sees to it that no answer is taken for the next one's. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #clock: Clock;
  #echo: Echo = 'unknown';
  #flight: Pick<Flight<unknown>, 'receive' | 'portClosed'> | null = null;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  /** Until then a reply that was given up may still come; it outlives the port, as the board does. */
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #silentCount = 0;
  /** Whom the line spoke to last, as far as `hush` tells devices apart, and when that was over. */
  #lastDevice: string | null = null;
  #spokeAtMs = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => {};

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  get echo(): Echo {
    return this.#echo;
  }

  portUp(): void {
    this.#echo = 'unknown';
    this.#silentCount = 0;
  }

  portDown(reason: string): void {
    this.#flight?.portClosed(reason);
    this.#wake();
  }

  /** Bytes outside a flight are stale and end here: nothing is kept from one exchange for the next. */
  heard(bytes: Uint8Array): void {
    this.#heardAtMs = this.#clock.nowMs();
    this.#silentCount = 0;
    this.#flight?.receive(bytes);
  }

  /** The first byte leaves before this returns; the promise resolves when the next question may be prepared. */
  async ask<T>(pipe: BytePipe, question: Question<T>, asking: Asking<T>): Promise<Result<T>> {
    const timeoutMs = question.timeoutMs ?? this.#options.timeoutMs;
    const intake = new Intake(question, this.#echo, asking.mayEqualRequest);
    const onBrokenPort = (reason: string): void => this.#renew(pipe, reason);
    const flight = new Flight(question, {
      clock: this.#clock,
      pipe,
      intake,
      timeoutMs,
      onResult: asking.onResult,
      onBrokenPort,
    });
    this.#flight = flight;
    flight.send();
    const result = await flight.over;
    this.#flight = null;
    this.#spoke(question);
    if (result.isAnswered) this.#echo = result.taken.echo;
    else this.#missed(pipe, timeoutMs, intake.isEmpty);
    return result;
  }

  /**
   * Waits for the silence between frames and until no old reply can come; a babbling line does not hold it for ever.
   * `next` is asked anew each time: what comes meanwhile may need less silence. Null: nobody needs it any more.
   */
  async untilQuiet(next: () => Pick<Question<unknown>, 'hush'> | null): Promise<void> {
    const patienceEndsMs = Math.max(this.#clock.nowMs(), this.#notBeforeMs) + this.#options.timeoutMs;
    for (let question = next(); question !== null; question = next()) {
      const quietAtMs = Math.min(this.#heardAtMs + this.#options.timing.silenceMs, patienceEndsMs);
      const waitMs = Math.max(this.#notBeforeMs, quietAtMs, this.#hushedUntilMs(question)) - this.#clock.nowMs();
      if (waitMs <= 0) return;
      await this.#sleep(waitMs);
    }
  }

  /** Something new waits: it may need less silence than what waited before. */
  reconsider(): void {
    this.#wake();
  }

  #hushedUntilMs({ hush }: Pick<Question<unknown>, 'hush'>): number {
    return hush === undefined || hush.device === this.#lastDevice
      ? Number.NEGATIVE_INFINITY
      : this.#spokeAtMs + hush.ms;
  }

  #spoke({ hush, restMs }: Pick<Question<unknown>, 'hush' | 'restMs'>): void {
    this.#lastDevice = hush?.device ?? null;
    this.#spokeAtMs = this.#clock.nowMs();
    if (restMs !== undefined) this.#notBeforeMs = Math.max(this.#notBeforeMs, this.#spokeAtMs + restMs);
  }

  #missed(pipe: BytePipe, timeoutMs: number, wasSilent: boolean): void {
    this.#notBeforeMs = this.#clock.nowMs() + (this.#options.lateReplyMs ?? timeoutMs);
    if (!wasSilent) return;
    this.#silentCount += 1;
    // An unplug is sometimes missed (durability.md), and a dead TCP connection would send its backlog when it revives.
    if (this.#silentCount >= this.#options.maxSilent)
      this.#renew(pipe, `nothing was heard in ${this.#silentCount} exchanges`);
  }

  #renew(pipe: BytePipe, reason: string): void {
    if (this.#options.port.pipe === pipe) this.#options.port.renew(reason);
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
