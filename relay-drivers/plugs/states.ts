import type { Clock } from '../clock.ts';
import type { Channel } from './channel.ts';
import type { Life } from './life.ts';
import { TIMES } from './limits.ts';
import type { Speech } from './speech.ts';

export interface StatesParts {
  readonly channels: readonly Channel[];
  readonly clock: Clock;
  readonly speech: Speech;
  readonly life: Life;
}

/**
 * How the relays of a device are learnt. One that can be asked must tell every relay after the question left. One that
 * cannot tells each change: what it told last is what it is. Where it said nothing since it is open, the broker's memory
 * is asked, once the device is known to live, and given time: who died may have a will that comes behind its last states.
 */
export class States {
  readonly #parts: StatesParts;
  readonly #told = new Map<number, boolean>();
  #isAsked = true;
  #beganAtMs = 0;

  constructor(parts: StatesParts) {
    this.#parts = parts;
  }

  /** False: nothing could leave. */
  begin(question: number): boolean {
    const { clock, speech, life } = this.#parts;
    this.#told.clear();
    this.#beganAtMs = clock.nowMs();
    const asked = speech.ask(question);
    this.#isAsked = asked !== 'none';
    if (this.#isAsked) return asked === 'left';
    if (this.#known.every((known) => known?.isLive)) return true;
    life.want();
    return speech.recall();
  }

  /** A relay is so, beyond doubt. */
  told(channel: number, isOn: boolean): void {
    this.#told.set(channel, isOn);
  }

  /** All of them, once they are known. */
  get all(): boolean[] | null {
    const states = this.#isAsked ? this.#answered : this.#remembered;
    return states.every((isOn) => isOn !== undefined) ? states : null;
  }

  get #answered(): (boolean | undefined)[] {
    return this.#parts.channels.map((_, index) => this.#told.get(index + 1));
  }

  get #remembered(): (boolean | undefined)[] {
    const isPatient = this.#parts.clock.nowMs() - this.#beganAtMs >= TIMES.quietMs;
    return this.#known.map((known) => (known?.isLive || isPatient ? known?.isOn : undefined));
  }

  get #known(): Channel['known'][] {
    return this.#parts.channels.map(({ known }) => known);
  }
}
