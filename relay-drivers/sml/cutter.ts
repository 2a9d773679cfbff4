import { ESCAPE, ESCAPE_BYTES, meaningOf, openFrame, START } from './codec.ts';

/** What was cut out of the stream. */
export type Cut =
  | { readonly kind: 'messages'; readonly bytes: Uint8Array }
  | { readonly kind: 'damaged'; readonly reason: string };

/** Real frames have some 400 bytes; those with a signature about three times as many. */
export const MAX_FRAME_BYTES = 4096;
/** The four bytes behind an escape. */
const GROUP_BYTES = 4;

/** Cuts a stream into frames. Keeps one frame at most; bytes before the first start are the rest of one that was missed. */
export class FrameCutter {
  readonly #buffer = new Uint8Array(MAX_FRAME_BYTES);
  #isInside = false;
  #length = 0;
  /** Escape bytes in a row. */
  #run = 0;
  /** Bytes taken of the group behind an escape; null when there is none. */
  #group: number | null = null;
  /** How much of a start the last bytes are. */
  #begun = 0;
  /** How many bytes came outside of any frame since the last one. */
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
    this.#begun = nextOfStart(this.#begun, byte);
    if (!this.#isInside) return this.#begun === START.length ? this.#begin() : this.#takeStray();
    if (this.#length === MAX_FRAME_BYTES) return this.#leave(`it did not end within ${MAX_FRAME_BYTES} bytes`);
    this.#buffer[this.#length] = byte;
    this.#length += 1;
    return this.#group === null ? this.#count(byte) : this.#takeGroup(this.#group + 1);
  }

  #count(byte: number): null {
    this.#run = byte === ESCAPE ? this.#run + 1 : 0;
    if (this.#run === ESCAPE_BYTES) this.#group = 0;
    return null;
  }

  #takeGroup(taken: number): Cut | null {
    this.#group = taken;
    if (taken < GROUP_BYTES) return null;
    this.#group = null;
    this.#run = 0;
    switch (meaningOf(this.#buffer.subarray(this.#length - GROUP_BYTES, this.#length))) {
      case 'literal':
        return null;
      case 'start':
        return this.#begin();
      case 'end':
        return this.#end();
      case 'none':
        return this.#leave('an escape in it has no meaning: bytes were lost or changed');
    }
  }

  #begin(): Cut | null {
    const cut = this.#isInside ? damaged('its end was lost: another one began in the middle') : null;
    this.#isInside = true;
    this.#buffer.set(START);
    this.#length = START.length;
    this.#run = 0;
    this.#group = null;
    this.#stray = 0;
    return cut;
  }

  #end(): Cut {
    const opened = openFrame(this.#buffer.subarray(0, this.#length));
    this.#isInside = false;
    return typeof opened === 'string' ? damaged(opened) : { kind: 'messages', bytes: opened };
  }

  #leave(reason: string): Cut {
    this.#isInside = false;
    this.#run = 0;
    this.#group = null;
    return damaged(reason);
  }

  #takeStray(): Cut | null {
    this.#stray += 1;
    if (this.#stray < MAX_FRAME_BYTES) return null;
    this.#stray = 0;
    return damaged(
      `${MAX_FRAME_BYTES} bytes came and no frame: check baud and parity, and how the head sits on the meter`,
    );
  }
}

/** More escape bytes than a start has may come before its second half. */
function nextOfStart(begun: number, byte: number): number {
  if (begun < START.length && byte === START[begun]) return begun + 1;
  if (byte !== ESCAPE) return 0;
  return begun === ESCAPE_BYTES ? begun : 1;
}

function damaged(reason: string): Cut {
  return { kind: 'damaged', reason };
}
