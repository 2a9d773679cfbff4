import { MINUTE_MS } from './limits.ts';

/** A clock that is slewed creeps; one that was set has jumped. */
const JUMP_MS = 1000;

/**
 * Which minute a moment of uptime belongs to. Durations are of the clock that never jumps; the wall only names minutes,
 * within a second: what NTP slews is followed in one step now and then, or each minute edge would be met twice.
 */
export class WallNames {
  #offsetMs: number;

  constructor(upMs: number, wallMs: number) {
    this.#offsetMs = Math.floor(wallMs) - upMs;
  }

  /** The wall was set since: what is open must be closed under its old name, then `follow`. */
  hasJumped(upMs: number, wallMs: number): boolean {
    return Math.abs(Math.floor(wallMs) - upMs - this.#offsetMs) > JUMP_MS;
  }

  follow(upMs: number, wallMs: number): void {
    this.#offsetMs = Math.floor(wallMs) - upMs;
  }

  minuteOf(upMs: number): number {
    return Math.floor((upMs + this.#offsetMs) / MINUTE_MS) * MINUTE_MS;
  }

  /** In uptime. */
  minuteEnd(upMs: number): number {
    return this.minuteOf(upMs) + MINUTE_MS - this.#offsetMs;
  }
}
