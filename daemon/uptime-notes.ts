import type { Clock } from '../relay-drivers/clock.ts';
import type { Input } from './core/inputs.ts';
import { isAnyTimed } from './core/locks/table.ts';
import type { State } from './core/state.ts';

/** After a start; each of the next comes after twice as long, so that a crash forgets about half of a short life. */
const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

interface Parts {
  readonly state: State;
  readonly clock: Clock;
  readonly tell: (input: Input) => void;
}

/**
 * Uptime is kept with what is recorded. While a lease runs it is recorded for its own sake, too: a hub that crashes time
 * and again before anything happens would else give the lease of a dead client its full TTL for ever (etcd #9888).
 */
export class UptimeNotes {
  readonly #parts: Parts;
  #everyMs = FIRST_MS;
  #cancel: () => void = () => undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    this.#cancel = this.#parts.clock.after(this.#everyMs, () => this.#note());
  }

  close(): void {
    this.#cancel();
  }

  #note(): void {
    if (isAnyTimed(this.#parts.state)) this.#parts.tell({ kind: 'note_uptime' });
    this.#everyMs = Math.min(2 * this.#everyMs, LONGEST_MS);
    this.start();
  }
}
