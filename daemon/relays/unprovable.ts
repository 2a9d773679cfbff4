import { DriverError, type Terms } from '../../relay-drivers/driver.ts';
import { ask } from './ask.ts';
import type { Carrier } from './carrier.ts';
import { TIMES } from './limits.ts';
import type { BoardParts, Standing } from './port.ts';

/** What a relay is taken for, since nobody can ask it. */
export interface Assumption {
  readonly at: Standing;
  readonly isOn: boolean;
}

/**
 * A board that cannot be read back. What is ordered off is told OFF again, on each fresh port and now and then; what is
 * ordered on is never told again (S11). What it then is, is assumed.
 */
export class Unprovable {
  readonly #parts: BoardParts;
  readonly #carrier: Carrier;
  /** Channel -> the order for which an OFF left on this port, and when. */
  readonly #offs = new Map<number, { readonly generation: number; readonly atMs: number }>();

  constructor(parts: BoardParts, carrier: Carrier) {
    this.#parts = parts;
    this.#carrier = carrier;
  }

  /** A fresh port: the board may have been without power, or be another one. */
  portOpened(): void {
    this.#offs.clear();
  }

  async round(): Promise<readonly Assumption[] | DriverError> {
    const assumed: Assumption[] = [];
    for (let channel = 1; channel <= this.#parts.driver.channels; channel++) {
      const at = this.#idle(channel);
      if (at === null) continue;
      const failure = at.isOn ? this.#giveUpUnsent(at) : await this.#off(channel, at);
      if (failure === null) assumed.push({ at, isOn: at.isOn });
      else if (failure !== 'skip' && failure.code !== 'not_valid') return failure;
    }
    return assumed;
  }

  /** What the carrier has in hand, it reports itself. */
  #idle(channel: number): Standing | null {
    return this.#carrier.isBusy(channel) ? null : this.#parts.standing(channel);
  }

  /** An ON that nobody carries was decided before this start, or was never to be sent: it would be late. */
  #giveUpUnsent({ appliance, generation, isSettled }: Standing): 'skip' | null {
    if (isSettled) return null;
    this.#parts.tell({ kind: 'relay_failed', appliance, generation, reading: 'unknown' });
    return 'skip';
  }

  async #off(channel: number, { generation }: Standing): Promise<DriverError | null> {
    const { driver, clock } = this.#parts;
    const last = this.#offs.get(channel);
    if (last?.generation === generation && clock.nowMs() - last.atMs < TIMES.refreshMs) return null;
    // No haste: whatever is ordered now goes before it.
    const terms: Terms = { priority: 'read', stillValid: () => this.#idle(channel)?.generation === generation };
    const sent = await ask(this.#parts, () => driver.setCoil(channel, false, terms));
    if (sent instanceof DriverError) return sent;
    this.#offs.set(channel, { generation, atMs: clock.nowMs() });
    return null;
  }
}
