import type { Clock } from '../clock.ts';
import type { DriverError, Terms } from '../driver.ts';
import * as faults from './faults.ts';
import { MAX_WAITING, TIMES } from './limits.ts';
import type { Speech } from './speech.ts';
import type { States } from './states.ts';

export interface ReadingsParts {
  readonly id: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly states: States;
  readonly speech: Speech;
}

interface Reader {
  readonly terms: Terms;
  readonly resolve: (states: boolean[]) => void;
  readonly reject: (error: DriverError) => void;
}

interface UnderWay {
  readonly readers: readonly Reader[];
  readonly question: number;
  readonly cancel: () => void;
}

/** Readings of a device: one at a time; those who wait meanwhile share the next, for it must begin after they asked. */
export class Readings {
  readonly #parts: ReadingsParts;
  #waiting: Reader[] = [];
  #underWay: UnderWay | null = null;

  constructor(parts: ReadingsParts) {
    this.#parts = parts;
  }

  add(terms: Terms): Promise<boolean[]> {
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(faults.tooMany(this.#parts.id, MAX_WAITING));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ terms, resolve, reject });
      this.#next();
    });
  }

  told(channel: number, isOn: boolean): void {
    if (this.#underWay === null) return;
    this.#parts.states.told(channel, isOn);
    this.look();
  }

  /** Something was learnt; perhaps all. */
  look(): void {
    if (this.#underWay === null) return;
    const states = this.#parts.states.all;
    if (states !== null) this.#end(({ resolve }) => resolve([...states]));
  }

  answered(question: number, isOk: boolean, detail: string | null): void {
    if (this.#underWay?.question !== question || isOk) return;
    this.#end(({ reject }) => reject(faults.refused(this.#parts.id, 'reading its relays', detail)));
  }

  failAll(error: () => DriverError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#end(({ reject }) => reject(error()));
    for (const { reject } of waiting) reject(error());
  }

  #next(): void {
    if (this.#underWay !== null || this.#waiting.length === 0) return;
    const { id, states, speech } = this.#parts;
    const readers = this.#stillWanted();
    if (readers.length === 0) return;
    for (const { terms } of readers) terms.started?.();
    const question = speech.nextQuestion();
    if (!states.begin(question)) {
      for (const { reject } of readers) reject(faults.closed(id, 'the broker is not reached'));
      return;
    }
    this.#underWay = { readers, question, cancel: this.#timers() };
    this.look();
  }

  #stillWanted(): Reader[] {
    const asked = this.#waiting;
    this.#waiting = [];
    const wanted = asked.filter(({ terms }) => terms.stillValid());
    for (const reader of asked) if (!wanted.includes(reader)) reader.reject(faults.notValid(this.#parts.id));
    return wanted;
  }

  #timers(): () => void {
    const { id, clock, timeoutMs } = this.#parts;
    const cancelQuiet = clock.after(TIMES.quietMs, () => this.look());
    const cancelTimeout = clock.after(timeoutMs, () =>
      this.#end(({ reject }) => reject(faults.silent(id, 'reading its relays', timeoutMs))),
    );
    return () => {
      cancelQuiet();
      cancelTimeout();
    };
  }

  #end(tell: (reader: Reader) => void): void {
    const ended = this.#underWay;
    this.#underWay = null;
    ended?.cancel();
    for (const reader of ended?.readers ?? []) tell(reader);
    this.#next();
  }
}
