import { type Clock, nothingToCancel } from '../clock.ts';
import { MAX_UNPROVEN, TIMES } from './limits.ts';

export interface ChannelParts {
  readonly clock: Clock;
  /** Asks the device for its states; false where it cannot be asked. */
  readonly ask: () => boolean;
  /** What it is, beyond doubt: told by the device after the last command to it. */
  readonly onCertain: (isOn: boolean) => void;
}

/**
 * What one relay is, and which words of it can be believed.
 *
 * Reports name no command. What left us arrives in its order and what the device says arrives in its order, but a report
 * that comes after a command may be older than it. That does no harm where all commands that were sent and not yet seen
 * to be obeyed want the same: in between it was never otherwise. It does where they differ. ON is sent, nothing comes in
 * time; OFF is sent; now an OFF comes that the device said before either of them arrived. Whoever believes it frees the
 * watts, and then the ON arrives.
 *
 * So the unproven commands are remembered in their order, and reports are held against the first of them: an ON, then an
 * OFF proves both. A command may be lost for good, though, and its report never comes. Therefore a report that does not
 * fit starts a round: what a stalled connection held back comes in one go, and once that is over (`quietMs`) the device
 * is asked again. That question left after every command, on the same connection, so what is told then is no older.
 * A device that cannot be asked tells changes only, and none where a command finds it so already: what it told last
 * stands, if it was no part of that order and then was quiet for as long.
 *
 * Not told from all this: a device whose own reports keep coming while what is sent to it is held up. An OFF that is
 * believed too early then arrives right behind its ON, as they left; and an ON that was given up is cut off (`abandon`).
 */
export class Channel {
  readonly #parts: ChannelParts;
  /** Sent and not yet proven; neighbours differ. */
  #unproven: boolean[] = [];
  #known: { readonly isOn: boolean; readonly isLive: boolean } | null = null;
  #last = false;
  /** In this round a report was the one that the first of the commands had to bring. */
  #isInOrder = false;
  #round: 'none' | 'quiet' | 'asked' = 'none';
  #cancelQuiet: () => void = nothingToCancel;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
  }

  /** What it was last told to be, since it was forgotten; null where a command that left since may have changed it. */
  get known(): { readonly isOn: boolean; readonly isLive: boolean } | null {
    const known = this.#known;
    return known !== null && this.#unproven.every((wanted) => wanted === known.isOn) ? known : null;
  }

  /** A command has left. */
  sent(isOn: boolean): void {
    if (this.#unproven.at(-1) === isOn) return;
    // The first ones are kept: reports are held against them in order, and a longer way is only slower.
    if (this.#unproven.length >= MAX_UNPROVEN) this.#unproven.splice(-2);
    this.#unproven.push(isOn);
    this.#endRound();
  }

  /** The device answered for the last command by its number, and with it for all before it. */
  proven(): void {
    this.#unproven = [];
    this.#endRound();
  }

  /** A live report. */
  hear(isOn: boolean): void {
    this.#last = isOn;
    // Whatever it is now: what it was told to be before this word, it was before.
    this.#known = null;
    const isNext = this.#unproven[0] === isOn;
    if (isNext) this.#unproven.shift();
    if (this.#unproven.length === 0 || (this.#round === 'asked' && !isNext)) return this.#certain(isOn);
    if (this.#round === 'none') this.#beginRound();
    if (isNext) this.#isInOrder = true;
  }

  /** What the broker keeps of a device that tells each change: as it is, unless a command may have changed it since. */
  hearKept(isOn: boolean): void {
    // What it said itself is no older than what the broker keeps, and worth more.
    if (this.#known?.isLive || !this.#unproven.every((wanted) => wanted === isOn)) return;
    this.#known = { isOn, isLive: false };
  }

  /** It may have been without power: what was told is worth nothing. Commands may be under way still. */
  forget(): void {
    this.#known = null;
    this.#endRound();
  }

  /** Its connection ended, and what was under way on it is gone: what cannot be asked would be in doubt for ever. */
  gone(): void {
    this.#unproven = [];
    this.forget();
  }

  #certain(isOn: boolean): void {
    this.#unproven = [];
    this.#endRound();
    this.#known = { isOn, isLive: true };
    this.#parts.onCertain(isOn);
  }

  #beginRound(): void {
    this.#round = 'quiet';
    this.#isInOrder = false;
    this.#cancelQuiet = this.#parts.clock.after(TIMES.quietMs, () => this.#quietOver());
  }

  #quietOver(): void {
    this.#round = 'asked';
    if (this.#parts.ask()) return;
    // Where reports come in order, silence does not tell whether the rest is lost or slow: it is waited for.
    if (this.#isInOrder) this.#endRound();
    else this.#certain(this.#last);
  }

  #endRound(): void {
    this.#cancelQuiet();
    this.#round = 'none';
  }
}
