/** `DB`, `08`, eight bytes of system title; then the length and the ciphertext. */
const HEAD_BYTES = 10;
const TAG = 0xdb;
const TITLE_LENGTH = 0x08;
/** Longer is none: no P1 telegram is. */
const MAX_BYTES = 8192;

/** `whole`: with this byte the frame ends. */
export type Encrypted = 'none' | 'inside' | 'whole';

/**
 * Tells the frames of meters that encrypt (Luxembourg, Austria; wire-formats B3) from telegrams, so that a `/` in the
 * ciphertext begins none. Such a frame starts with `DB 08`, which text never has.
 */
export class EncryptedFrame {
  #seen = 0;
  /** How many bytes the length has, itself included; 0 while that is not known. */
  #lengthBytes = 0;
  #length = 0;

  take(byte: number): Encrypted {
    this.#seen += 1;
    if (this.#seen === 1) return this.#go(byte === TAG, byte);
    if (this.#seen === 2) return this.#go(byte === TITLE_LENGTH, byte);
    if (this.#seen <= HEAD_BYTES) return 'inside';
    if (this.#seen === HEAD_BYTES + 1) return this.#takeForm(byte);
    if (this.#seen <= HEAD_BYTES + this.#lengthBytes) this.#length = this.#length * 256 + byte;
    return this.#rest();
  }

  /** One byte up to 7F, or 81 and 82 with one or two bytes behind them. */
  #takeForm(byte: number): Encrypted {
    if (byte > 0x82 || byte === 0x80) return this.#forget('none');
    this.#lengthBytes = byte < 0x80 ? 1 : byte - 0x7f;
    this.#length = byte < 0x80 ? byte : 0;
    return this.#rest();
  }

  #rest(): Encrypted {
    if (this.#seen < HEAD_BYTES + this.#lengthBytes) return 'inside';
    if (this.#length > MAX_BYTES) return this.#forget('none');
    return this.#seen < HEAD_BYTES + this.#lengthBytes + this.#length ? 'inside' : this.#forget('whole');
  }

  /** The first byte alone says nothing: with parity in bit 7 it is a bracket. */
  #go(isRight: boolean, byte: number): Encrypted {
    if (isRight) return this.#seen === 1 ? 'none' : 'inside';
    this.#seen = byte === TAG ? 1 : 0;
    return 'none';
  }

  #forget(outcome: 'none' | 'whole'): Encrypted {
    this.#seen = 0;
    this.#lengthBytes = 0;
    this.#length = 0;
    return outcome;
  }
}
