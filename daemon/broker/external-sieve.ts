/**
 * Takes oversized packets out of a stream of MQTT packets, before a parser gathers them. MQTT 5 lets us tell the broker
 * our limit (3.1.2.11.4), 3.1.1 does not; and to cut the connection would not help: a retained one comes again each time.
 */
export class PacketSieve {
  readonly #packetBytes: number;
  readonly #onDropped: (bytes: number) => void;
  /** The fixed header (2.1.1) of a packet whose length is not known yet. */
  #head: number[] = [];
  /** Bytes still to come of the present packet. */
  #left = 0;
  #isDropping = false;

  constructor(packetBytes: number, onDropped: (bytes: number) => void) {
    this.#packetBytes = packetBytes;
    this.#onDropped = onDropped;
  }

  pass(chunk: Buffer): Buffer {
    const kept = new Kept(chunk);
    let at = 0;
    while (at < chunk.length) at = this.#left > 0 ? this.#body(at, kept) : this.#header(at, kept);
    return kept.bytes();
  }

  #body(at: number, kept: Kept): number {
    const end = Math.min(kept.chunk.length, at + this.#left);
    this.#left -= end - at;
    if (!this.#isDropping) kept.keep(at, end);
    return end;
  }

  /** One byte of type, then up to four of length with seven bits each. */
  #header(start: number, kept: Kept): number {
    const before = this.#head.length;
    let at = start;
    while (at < kept.chunk.length) {
      const byte = kept.chunk[at] ?? 0;
      at += 1;
      this.#head.push(byte);
      if (this.#head.length < 5 && (this.#head.length === 1 || byte >= 0x80)) continue;
      this.#measure();
      if (!this.#isDropping) {
        kept.lead(this.#head.slice(0, before));
        kept.keep(start, at);
      }
      this.#head = [];
      break;
    }
    return at;
  }

  #measure(): void {
    const digits = this.#head.slice(1);
    this.#left = digits.reduce((sum, digit, place) => sum + (digit & 0x7f) * 128 ** place, 0);
    const bytes = this.#head.length + this.#left;
    this.#isDropping = bytes > this.#packetBytes;
    if (this.#isDropping) this.#onDropped(bytes);
  }
}

/** What stays of a chunk; mostly all of it, which costs no copy. */
class Kept {
  readonly chunk: Buffer;
  readonly #pieces: Buffer[] = [];
  #from = 0;
  #to = 0;

  constructor(chunk: Buffer) {
    this.chunk = chunk;
  }

  /** Bytes of the chunk before: only ever in front. */
  lead(bytes: readonly number[]): void {
    if (bytes.length > 0) this.#pieces.push(Buffer.from(bytes));
  }

  keep(from: number, to: number): void {
    if (from !== this.#to) {
      this.#flush();
      this.#from = from;
    }
    this.#to = to;
  }

  bytes(): Buffer {
    this.#flush();
    const [only] = this.#pieces;
    return this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces);
  }

  #flush(): void {
    if (this.#to > this.#from) this.#pieces.push(this.chunk.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}
