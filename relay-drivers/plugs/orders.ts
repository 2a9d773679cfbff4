import type { Clock } from '../clock.ts';
import type { DriverError, Proof, Terms } from '../driver.ts';
import type { Channel } from './channel.ts';
import * as faults from './faults.ts';
import { MAX_WAITING, TIMES } from './limits.ts';
import type { PlugProtocol } from './protocol.ts';
import type { Speech } from './speech.ts';

export interface OrdersParts {
  readonly id: string;
  readonly number: number;
  readonly clock: Clock;
  readonly protocol: PlugProtocol;
  readonly channel: Channel;
  readonly speech: Speech;
}

interface Order {
  readonly isOn: boolean;
  readonly terms: Terms;
  readonly resolve: (proof: Proof) => void;
  readonly reject: (error: DriverError) => void;
}

interface UnderWay extends Order {
  readonly question: number;
  cancel: () => void;
}

/** The orders of one channel: one at a time, OFF before every ON that waits, and in the place of one that is under way. */
export class Orders {
  readonly #parts: OrdersParts;
  readonly #waiting: Order[] = [];
  #underWay: UnderWay | null = null;

  constructor(parts: OrdersParts) {
    this.#parts = parts;
  }

  add(isOn: boolean, terms: Terms): Promise<Proof> {
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(faults.tooMany(this.#parts.id, MAX_WAITING));
    return new Promise((resolve, reject) => {
      this.#queue({ isOn, terms, resolve, reject });
      // S7: an OFF never waits behind an ON, also not for its answer.
      const { id } = this.#parts;
      if (!isOn && this.#underWay?.isOn && terms.stillValid())
        this.#end(({ isOn: was }) => faults.superseded(id, this.#words(was)));
      else this.#next();
    });
  }

  /** The relay is so, beyond doubt. */
  certain(isOn: boolean): void {
    if (this.#underWay?.isOn === isOn && !this.#parts.protocol.numbersAnswers) this.#end(null);
  }

  answered(question: number, isOk: boolean, detail: string | null): void {
    if (this.#underWay?.question !== question) return;
    const { id, channel } = this.#parts;
    channel.proven();
    this.#end(isOk ? null : ({ isOn }) => faults.refused(id, this.#words(isOn), detail));
  }

  /** Nothing is kept for later (S11). */
  failAll(error: () => DriverError): void {
    const waiting = this.#waiting.splice(0);
    this.#end(error);
    for (const { reject } of waiting) reject(error());
  }

  #queue(order: Order): void {
    const firstOn = order.isOn ? -1 : this.#waiting.findIndex(({ isOn }) => isOn);
    if (firstOn < 0) this.#waiting.push(order);
    else this.#waiting.splice(firstOn, 0, order);
  }

  #next(): void {
    while (this.#underWay === null) {
      const order = this.#waiting.shift();
      if (order === undefined) return;
      this.#leave(order);
    }
  }

  #leave(order: Order): void {
    const { id, number, clock, protocol, channel, speech } = this.#parts;
    const { isOn, terms, reject } = order;
    const question = speech.nextQuestion();
    const { topic, payload } = protocol.command(number, isOn, question);
    if (!terms.stillValid()) return reject(faults.notValid(id));
    terms.started?.();
    if (!speech.send(topic, payload)) return reject(faults.closed(id, 'the broker is not reached'));
    channel.sent(isOn);
    const underWay: UnderWay = { ...order, question, cancel: () => undefined };
    this.#underWay = underWay;
    const { timeoutMs } = protocol;
    const cancels = [
      clock.after(timeoutMs, () => this.#end(() => faults.silent(id, this.#words(isOn), timeoutMs))),
      this.#unlessChanged(underWay),
    ];
    underWay.cancel = () => {
      for (const cancel of cancels) cancel();
    };
  }

  /**
   * What cannot be asked tells changes only, and there is none where it is so already: it said that itself, live, and no
   * other command is under way. It had time to say otherwise.
   */
  #unlessChanged(order: UnderWay): () => void {
    const { clock, protocol, channel, speech } = this.#parts;
    if (speech.canBeAsked !== false || protocol.numbersAnswers) return () => undefined;
    return clock.after(TIMES.quietMs, () => {
      if (!channel.known?.isLive || channel.known.isOn !== order.isOn) return;
      // No report will ever come of it, and none is to be held against it.
      channel.proven();
      this.#end(null);
    });
  }

  #end(error: ((order: Order) => DriverError) | null): void {
    const order = this.#underWay;
    if (order !== null) {
      this.#underWay = null;
      order.cancel();
      if (error === null) order.resolve('acknowledged');
      else order.reject(error(order));
    }
    this.#next();
  }

  #words(isOn: boolean): string {
    return `relay ${this.#parts.number} ${isOn ? 'on' : 'off'}`;
  }
}
