import { BANG, CR, isText, LF, SLASH, withoutParity } from './codec.ts';
import { EncryptedFrame } from './encrypted.ts';

/** What was cut out of the stream. */
export type Cut =
  /** From `/` to `!`, and what stood behind it: a CRC or nothing. */
  | { readonly kind: 'telegram'; readonly bytes: Uint8Array; readonly check: string }
  | { readonly kind: 'damaged'; readonly reason: string };

/** v5 sends about 1.7 kB; thirteen monthly peaks (BE) and a text message of 2048 digits may come on top. */
export const MAX_TELEGRAM_BYTES = 8192;
const MAX_CHECK_CHARS = 4;

export const NOT_TEXT = 'bytes that are no text came: check baud, data_bits and parity';
const ENCRYPTED =
  'the telegram is encrypted, as in Luxembourg and Austria, and cannot be read: use an adapter that decrypts it';

type Place = 'outside' | 'body' | 'check';

/** Cuts a stream into telegrams. Keeps one telegram at most; bytes before the first `/` are the rest of one that was missed. */
export class TelegramCutter {
  readonly #buffer = new Uint8Array(MAX_TELEGRAM_BYTES);
  readonly #encrypted = new EncryptedFrame();
  #length = 0;
  #check = '';
  #place: Place = 'outside';
  /** How many bytes came outside of any telegram since the last one. */
  #stray = 0;

  push(bytes: Uint8Array): Cut[] {
    const cuts: Cut[] = [];
    for (const byte of bytes) {
      const cut = this.#take(byte);
      if (cut) cuts.push(cut);
    }
    return cuts;
  }

  #take(byte: number): Cut | null {
    const encrypted = this.#encrypted.take(byte);
    if (encrypted !== 'none') return encrypted === 'inside' ? this.#leave(null) : this.#leave(damaged(ENCRYPTED));
    // Bit 7 may be parity, and is looked at when the telegram is whole.
    const char = byte & 0x7f;
    if (char === SLASH) return this.#begin(byte);
    if (this.#place === 'body') return this.#takeBody(byte, char);
    if (this.#place === 'check') return this.#takeCheck(char);
    return this.#takeStray();
  }

  /** A name has no `/` in it, nor has anything behind it: the end of the telegram before was lost. */
  #begin(byte: number): Cut | null {
    const cut = this.#place === 'outside' ? null : this.#spoiled('its end was lost: another one began in the middle');
    this.#place = 'body';
    this.#stray = 0;
    this.#buffer[0] = byte;
    this.#length = 1;
    return cut;
  }

  #takeBody(byte: number, char: number): Cut | null {
    if (this.#length === MAX_TELEGRAM_BYTES)
      return this.#leave(this.#spoiled(`it did not end within ${MAX_TELEGRAM_BYTES} bytes`));
    const isLineStart = isLineEnd((this.#buffer[this.#length - 1] ?? 0) & 0x7f);
    this.#buffer[this.#length] = byte;
    this.#length += 1;
    if (char === BANG && isLineStart) {
      this.#place = 'check';
      this.#check = '';
    }
    return null;
  }

  #takeCheck(char: number): Cut | null {
    if (isLineEnd(char))
      return this.#leave({ kind: 'telegram', bytes: this.#buffer.slice(0, this.#length), check: this.#check });
    this.#check += String.fromCharCode(char);
    if (this.#check.length <= MAX_CHECK_CHARS) return null;
    return this.#leave(this.#spoiled('what stands behind its "!" is no CRC'));
  }

  #takeStray(): Cut | null {
    this.#stray += 1;
    if (this.#stray < MAX_TELEGRAM_BYTES) return null;
    return this.#leave(
      damaged(
        `${MAX_TELEGRAM_BYTES} bytes came and no telegram: check baud, data_bits and parity, or the inverted level`,
      ),
    );
  }

  #leave<T extends Cut | null>(cut: T): T {
    this.#place = 'outside';
    this.#stray = 0;
    return cut;
  }

  /** A wrong baud rate makes telegrams of noise: then that is the thing to say. */
  #spoiled(reason: string): Cut {
    const bytes = withoutParity(this.#buffer.subarray(0, this.#length));
    return damaged(bytes && isText(bytes) ? reason : NOT_TEXT);
  }
}

function isLineEnd(char: number): boolean {
  return char === CR || char === LF;
}

function damaged(reason: string): Cut {
  return { kind: 'damaged', reason };
}
