import type { Event } from '../core/events.ts';
import { LedgerError } from './errors.ts';
import type { Reserve } from './reserve.ts';

/** `low`: no reserve is held; what frees watts is still recorded, nothing is switched on. `full`: not even that. */
export type Room = 'ok' | 'low' | 'full';

/** An ON that somebody asked for. An ON that was found (S9) is a fact, and facts are recorded as long as possible. */
function isGrant(event: Event): boolean {
  return event.kind === 'ordered' && event.isOn && event.cause === 'request';
}

/** What a ledger still takes when the disk fills up: releases the reserve, refuses ONs (S7), takes the reserve back. */
export class RoomKeeper {
  readonly #reserve: Reserve;
  #state: Room = 'ok';
  #isHeld: boolean;
  #isFilling = false;
  constructor(reserve: Reserve) {
    this.#reserve = reserve;
    this.#isHeld = reserve.isHeld();
  }

  get state(): Room {
    return this.#state;
  }

  /** Throws for a batch that must not use up what OFFs will need. */
  admit(events: readonly Event[]): void {
    if (this.#state === 'ok' || !events.some(isGrant)) return;
    throw new LedgerError('ledger_full', 'the disk is full: switching on cannot be recorded');
  }

  /** The disk is full. True when room was made for this batch, and it may use it. */
  ranOut(events: readonly Event[]): boolean {
    const wasHeld = this.#isHeld;
    this.#reserve.release();
    this.#isHeld = false;
    this.#isFilling = false;
    this.#state = wasHeld ? 'low' : 'full';
    return wasHeld && !events.some(isGrant);
  }

  committed(): void {
    if (this.#state === 'full') this.#state = 'low';
  }

  /** The steps that bring the reserve back, once there is room for it; null when there is nothing to do. */
  refill(): Generator<void, void> | null {
    if (this.#isHeld || this.#isFilling) return null;
    if (this.#reserve.hasRoom()) {
      this.#isFilling = true;
      return this.#fill();
    }
    if (this.#state === 'ok') this.#state = 'low';
    return null;
  }

  /** Ends early when the disk runs full meanwhile. */
  *#fill(): Generator<void, void> {
    let isWhole = false;
    try {
      for (const step of this.#reserve.fill()) {
        if (!this.#isFilling) return;
        yield step;
      }
      isWhole = this.#isFilling;
    } finally {
      this.#filled(isWhole);
    }
  }

  #filled(isWhole: boolean): void {
    this.#isFilling = false;
    this.#isHeld = isWhole;
    if (isWhole) this.#state = 'ok';
    else this.#reserve.release();
    if (this.#state === 'ok' && !isWhole) this.#state = 'low';
  }
}
