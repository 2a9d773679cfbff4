import { received } from '../simulator/garble.ts';
import type { LineFormat } from '../simulator/timing.ts';

/**
 * Boards that are told by single bytes or short frames have no address and no real check: a question meant for somebody
 * else may switch them (wire-formats A3 to A6). Before anything is known of a port, a frame leaves only when none of
 * these would see an order in it, together with what was sent before it. The README gives the reasons.
 */

/** HW-667 and its like: on, off, on for a second. */
const SINGLE_ORDERS = new Set([0xaa, 0xbb, 0xcc]);
/** Devantech: all on, on 1 to 8, all off, off 1 to 8; `set all` takes the byte behind it. */
const isDevantechOrder = (byte: number): boolean => byte === 0x5c || (byte >= 0x64 && byte <= 0x76);
/** What they listen at; a frame at another baud rate reaches them garbled. */
const THEIR_FORMAT: LineFormat = { baud: 9600, parity: 'none' };
/** Their longest frame (LCUS) less one: so much of what was sent before may still be completed. */
const TAIL = 3;

/** What a port was sent, as those boards have heard it. */
export class Caution {
  #plain: readonly number[] = [];
  #clean: readonly number[] = [];
  #raw: readonly number[] = [];

  /** Nobody would switch anything at this frame. */
  allows(frame: Uint8Array, format: LineFormat): boolean {
    const { plain, clean, raw } = this.#with(frame, format);
    // Devantech boards are USB devices: they hear the bytes whatever the baud rate.
    return !plain.some(isDevantechOrder) && [plain, clean, raw].every((bytes) => !hasOrder(bytes));
  }

  sent(frame: Uint8Array, format: LineFormat): void {
    const { plain, clean, raw } = this.#with(frame, format);
    this.#plain = plain.slice(-TAIL);
    this.#clean = clean.slice(-TAIL);
    this.#raw = raw.slice(-TAIL);
  }

  /** As bytes; as a UART at 9600 hears them; and as one does that does not look at the stop bit. */
  #with(frame: Uint8Array, format: LineFormat): { plain: number[]; clean: number[]; raw: number[] } {
    const heard = received(frame, format, THEIR_FORMAT);
    return {
      plain: [...this.#plain, ...frame],
      clean: [...this.#clean, ...heard.filter(({ isBad }) => !isBad).map(({ byte }) => byte)],
      raw: [...this.#raw, ...heard.map(({ byte }) => byte)],
    };
  }
}

/** An order of a board that is told by bytes, anywhere in them. */
export function hasOrder(bytes: readonly number[]): boolean {
  return bytes.some((byte, at) => {
    const [second, third, fourth] = bytes.slice(at + 1, at + 4);
    if (SINGLE_ORDERS.has(byte)) return true;
    // The look-alike of LCUS: `D0 01`, `D0 00`.
    if (byte === 0xd0 && isBit(second)) return true;
    // KMtronic: `FF channel 00|01`, whatever the channel.
    if (byte === 0xff && isBit(third)) return true;
    // LCUS: `A0 channel command sum`, whatever the command: its firmwares do not agree on them.
    return byte === 0xa0 && fourth === ((0xa0 + (second ?? 0) + (third ?? 0)) & 0xff);
  });
}

function isBit(byte: number | undefined): boolean {
  return byte === 0 || byte === 1;
}
