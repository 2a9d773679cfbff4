/** What a board was found to be. `words` and `raw` are two ways to answer FF. */
export type Firmware = 'words' | 'raw' | 'feedback' | 'silent';

/** FF comes first: a board that answers it is never sent the other, which its firmware does not know. */
const QUESTIONS = ['status', 'status', 'feedback', 'feedback'] as const;

export type InquiryQuestion = (typeof QUESTIONS)[number];

/**
 * Which firmware a board has, found by asking. Silent is who said nothing to every question: one lost reply condemns
 * no board, and one that babbles or is not understood is asked on.
 */
export class Inquiry {
  #step = 0;
  #saidAnything = false;
  #firmware: Firmware | null = null;

  get firmware(): Firmware | null {
    return this.#firmware;
  }

  /** What to ask next. */
  get question(): InquiryQuestion {
    return QUESTIONS[this.#step] ?? QUESTIONS[0];
  }

  answeredAs(firmware: Firmware): void {
    this.#firmware = firmware;
  }

  /** The present question had no answer. `heard`: bytes that were none. True when the round is over without a finding. */
  missed(heard: boolean): boolean {
    if (this.#firmware !== null) return false;
    this.#saidAnything ||= heard;
    this.#step += 1;
    if (this.#step < QUESTIONS.length) return false;
    if (!this.#saidAnything) this.#firmware = 'silent';
    this.#step = 0;
    this.#saidAnything = false;
    return this.#firmware === null;
  }

  /**
   * Another board may be there. A round that is under way goes on: over TCP three silent exchanges reopen the port,
   * and a board that is silent by nature would never be found so.
   */
  portLost(): void {
    this.#firmware = null;
  }
}
