import { EPSILON_MS } from './moment.ts';

/** Far more than can be on one line at once: replies put off by `delay_ms`, each answered by a repeated request. */
const REMEMBERED = 64;

interface Transmission {
  readonly sender: number;
  readonly startMs: number;
  endMs: number;
}

/** Who holds the line when. Two wires carry one voice: what overlaps is spoiled at every ear (RS-485, half duplex). */
export class Airtime {
  #transmissions: Transmission[] = [];

  occupy(sender: number, startMs: number, endMs: number): void {
    this.#transmissions.push({ sender, startMs, endMs });
    if (this.#transmissions.length > REMEMBERED) this.#transmissions.shift();
  }

  /** Whether somebody else spoke between these moments. */
  collided(sender: number, startMs: number, endMs: number): boolean {
    return this.#transmissions.some(
      (other) => other.sender !== sender && other.startMs < endMs - EPSILON_MS && other.endMs > startMs + EPSILON_MS,
    );
  }

  /** This sender fell silent now, whatever it had meant to say. */
  cut(sender: number, nowMs: number): void {
    this.#transmissions = this.#transmissions.filter((one) => one.sender !== sender || one.startMs < nowMs);
    for (const one of this.#transmissions) {
      if (one.sender === sender) one.endMs = Math.min(one.endMs, nowMs);
    }
  }
}
